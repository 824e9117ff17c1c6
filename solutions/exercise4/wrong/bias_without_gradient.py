"""Your output is right, but the bias gets no gradient and will stay what it is forever.

The bias is trained like the weight. `.data`, `.detach()`, `.tolist()` and `torch.tensor(bias)`
copy its numbers and leave the graph behind. Add the tensor that you were given.
"""

# caught by: bias_gradient


def linear(x, weight, bias=None):
    """Take the bias out of the graph."""
    product = x @ weight.T
    return product if bias is None else product + bias.data
