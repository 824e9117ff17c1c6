"""Your code adds one and the same number to all outputs.

A bias is a vector: each output has a number of its own, which is added to that output alone.
Summed up, averaged, or cut down to its first number it still broadcasts without a murmur and
the shape of the result looks right.
"""

# caught by: bias


def linear(x, weight, bias=None):
    """Add the sum of the bias to everything."""
    product = x @ weight.T
    return product if bias is None else product + bias.sum()
