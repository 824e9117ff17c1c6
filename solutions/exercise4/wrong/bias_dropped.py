"""Your code takes a bias and does nothing with it.

The layer is `x @ weight.T + bias`. Without its last part an input of zeros could give nothing
but zeros. Perhaps you meant to leave it out where it is None, and left it out where it isn't.
"""

# caught by: bias


def linear(x, weight, bias=None):
    """Forget the bias."""
    return x @ weight.T
