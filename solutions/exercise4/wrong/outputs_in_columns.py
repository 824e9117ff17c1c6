"""Your code returns each example as a column instead of a row.

`weight @ x.T` has shape (out, batch). PyTorch keeps the batch first and the numbers of each
example in the last dimension, before and after a layer, so that layers can follow each other.
Print the shape of your result for an x of shape (4, 3).
"""

# caught by: batch


def linear(x, weight, bias=None):
    """Leave the outputs in columns."""
    product = weight @ x.mT if x.dim() > 1 else weight @ x
    if bias is None:
        return product
    return product + (bias.unsqueeze(-1) if x.dim() > 1 else bias)
