"""Your code adds the bias to only one item of the batch.

The layer adds its bias to every output vector. A tensor of shape (out,) broadcasts to every row
of a tensor of shape (batch, out). Subtract the result without a bias from the result with a
bias: every row of the difference must be the bias.
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
