"""Your code adds the bias even if it is None.

`bias=None` stands for a layer that was made with `bias=False`. You cannot add None to a tensor,
so Python raises a TypeError. Call your function without a bias.
"""

# caught by: batch


def linear(x, weight, bias=None):
    """Add the bias even if it is None."""
    return x @ weight.T + bias
