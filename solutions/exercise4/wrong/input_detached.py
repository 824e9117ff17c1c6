"""Your output is right, but no gradient gets back to x.

A linear layer is seldom the first of a network. What comes in as x was computed by the layers
before it, and they learn only through the gradient that arrives there. `.data`, `.detach()` and
`torch.tensor(x)` end the way back at your function.
"""

# caught by: input_gradient


def linear(x, weight, bias=None):
    """Cut x off from what it came from."""
    product = x.detach() @ weight.T
    return product if bias is None else product + bias
