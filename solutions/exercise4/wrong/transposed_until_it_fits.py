"""Your code turns x around whenever the shapes seem to ask for it.

That two shapes fit does not make a product the right one. The vectors lie along the last
dimension of x, always; which sizes happen to be equal says nothing about it. With as many rows
as inputs your code takes rows for columns and mixes up the batch.
"""

# caught by: any_sizes


def linear(x, weight, bias=None):
    """Transpose x where its first size is the weight's."""
    if x.dim() > 1 and x.shape[0] == weight.shape[1]:
        x = x.transpose(0, -1)
    product = x @ weight.T
    return product if bias is None else product + bias
