"""Your code expects a weight of shape (in, out), and PyTorch stores (out, in).

The constructor takes the input size first, `nn.Linear(in, out)`, so it seems natural that the
weight would too. It keeps one row per output instead. Where both sizes are equal your product
runs through without an error, and every number in it is wrong.
"""

# caught by: batch


def linear(x, weight, bias=None):
    """Multiply without a transpose."""
    product = x @ weight
    return product if bias is None else product + bias
