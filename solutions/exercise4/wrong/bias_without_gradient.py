"""Your code returns the right output, but the bias gets no gradient.

The bias is trained like the weight. `.data` and `.detach()` share its numbers without the
graph; `.tolist()` and `torch.tensor(bias)` copy its numbers, also without the graph. Call
`.sum().backward()` on your result and print `bias.grad`.
"""

# caught by: bias_gradient


def linear(x, weight, bias=None):
    """Detach the bias."""
    product = x @ weight.T
    return product if bias is None else product + bias.data
