"""Your code adds the same number to all outputs.

The bias is a vector, and each output has its own number. A sum, a mean or the first number of
the bias also broadcasts without an error, so the shape of the result looks right. Try an `x` of
zeros: the result should be the bias.
"""

# caught by: bias


def linear(x, weight, bias=None):
    """Add the sum of the bias to everything."""
    product = x @ weight.T
    return product if bias is None else product + bias.sum()
