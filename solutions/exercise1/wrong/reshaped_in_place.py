"""Your code returns the right rows, but it changes the shape of the caller's `idx`.

A method whose name ends in an underscore, such as `unsqueeze_`, changes the tensor itself. A
function receives the caller's tensor, not a copy, so the caller continues with a changed index.
Most of these methods have a version without the underscore that returns a new tensor. Print
`idx.shape` before and after your call.
"""

# caught by: inputs_untouched


def lookup(weight, idx):
    """Change the shape of the caller's ids."""
    dim = weight.shape[1]
    shape = idx.shape
    idx.unsqueeze_(-1)
    column = idx.reshape(-1, 1).long().expand(-1, dim)
    return weight.gather(0, column).reshape(*shape, dim)
