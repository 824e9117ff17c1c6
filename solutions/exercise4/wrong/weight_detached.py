"""Your output is right, but no gradient gets back to the weight: it will never learn.

`.data`, `.detach()` and `.numpy()` copy numbers and forget where they came from, and what is
computed under `torch.no_grad()` has no past either. Use `weight` itself in the product.
"""

# caught by: weight_gradient


def linear(x, weight, bias=None):
    """Leave the weight's graph behind."""
    product = x @ weight.data.T
    return product if bias is None else product + bias
