"""Your code returns the right output, but no gradient reaches x.

A linear layer is rarely the first layer of a network. The layers before it computed x, and they
learn only through the gradient of x. `.data`, `.detach()` and `torch.tensor(x)` cut the graph
at your function. Call `.sum().backward()` on your result and print `x.grad`.
"""

# caught by: input_gradient


def linear(x, weight, bias=None):
    """Detach x."""
    product = x.detach() @ weight.T
    return product if bias is None else product + bias
