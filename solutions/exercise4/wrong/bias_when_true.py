"""Your code tests the bias with `if bias:`, which fails for a tensor.

Python needs a single truth value there, also in `bias or 0`. A tensor with several numbers has
none, so PyTorch raises an error. A tensor with the single number 0 counts as false. You want to
know something else: is there a bias at all? Try `bool(torch.zeros(2))`.
"""

# caught by: bias


def linear(x, weight, bias=None):
    """Test the bias for truth."""
    product = x @ weight.T
    if bias:
        product = product + bias
    return product
