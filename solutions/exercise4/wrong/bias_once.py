"""Your code adds the bias to the first part of the batch only.

The bias belongs to the layer and the layer is applied to each vector of the batch, so each of
the output vectors gets it. A tensor of shape (out,) that is added to one of shape (batch, out)
is used for every row by itself.
"""

# caught by: bias

import torch


def linear(x, weight, bias=None):
    """Add the bias to the first item of the batch."""
    product = x @ weight.T
    if bias is None:
        return product
    if x.dim() == 1:
        return product + bias
    return torch.cat([product[:1] + bias, product[1:]])
