"""Your code asks the bias whether it is true, and a tensor of several numbers is neither.

`if bias:` and `bias or 0` read well and work for None, but Python wants one truth value for the
whole tensor and PyTorch refuses to choose. With a single number it would answer, and a bias of
zero would count as none. Ask what you mean: is it None?
"""

# caught by: bias


def linear(x, weight, bias=None):
    """Ask the bias whether it is true."""
    product = x @ weight.T
    if bias:
        product = product + bias
    return product
