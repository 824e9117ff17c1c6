"""Your code transposes x if its shape seems to ask for it.

Shapes that fit do not make a product right. The vectors always lie along the last dimension of
x, no matter which sizes are equal. If x has as many rows as inputs, your code swaps rows and
columns and mixes the batch. Try an x of shape (3, 3).
"""

# caught by: any_sizes


def linear(x, weight, bias=None):
    """Transpose x if its first size equals the input size."""
    if x.dim() > 1 and x.shape[0] == weight.shape[1]:
        x = x.transpose(0, -1)
    product = x @ weight.T
    return product if bias is None else product + bias
