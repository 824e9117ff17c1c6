"""Your result lies on its side: each example is a column, and should be a row.

`weight @ x.T` is the right product in the wrong orientation, (out, batch). PyTorch keeps the
batch in front and the numbers of each example along the last dimension, both for what goes into
a layer and for what comes out, so that layers can follow each other.
"""

# caught by: batch


def linear(x, weight, bias=None):
    """Leave the outputs in columns."""
    product = weight @ x.mT if x.dim() > 1 else weight @ x
    if bias is None:
        return product
    return product + (bias.unsqueeze(-1) if x.dim() > 1 else bias)
