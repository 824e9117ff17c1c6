"""Your result is right, but the caller's `idx` has another shape after your call.

A method whose name ends in an underscore, such as `unsqueeze_`, changes the tensor it is
called on, and a function gets the caller's own tensor, not a copy. The next line of the
training loop would meet an index of a shape it does not expect. Most of these methods have a
twin without the underscore, which leaves its tensor alone and returns a new one.
"""

# caught by: inputs_untouched


def lookup(weight, idx):
    """Change the shape of the caller's ids."""
    dim = weight.shape[1]
    shape = idx.shape
    idx.unsqueeze_(-1)
    column = idx.reshape(-1, 1).long().expand(-1, dim)
    return weight.gather(0, column).reshape(*shape, dim)
