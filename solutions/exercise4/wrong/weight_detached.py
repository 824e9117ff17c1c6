"""Your code returns the right output, but no gradient reaches the weight.

`.data` and `.detach()` share the numbers of the weight without the graph, and nothing computed
under `torch.no_grad()` has a graph. `.numpy()` shares the numbers too, and PyTorch refuses it
for a tensor that requires a gradient. Without a gradient, the weight never learns. Call
`.sum().backward()` on your result and print `weight.grad`.
"""

# caught by: weight_gradient


def linear(x, weight, bias=None):
    """Detach the weight."""
    product = x @ weight.data.T
    return product if bias is None else product + bias
