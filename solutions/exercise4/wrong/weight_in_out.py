"""Your code expects a weight of shape (in, out), but PyTorch stores (out, in).

The constructor `nn.Linear(in, out)` takes the input size first, but the weight has one row per
output. If both sizes are equal, your product raises no error, and the numbers are wrong. Print
`nn.Linear(3, 2).weight.shape`.
"""

# caught by: batch


def linear(x, weight, bias=None):
    """Multiply without a transpose."""
    product = x @ weight
    return product if bias is None else product + bias
