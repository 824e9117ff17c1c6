"""Your code accepts only a matrix for x.

`torch.mm`, `torch.addmm` and lines such as `batch, size = x.shape` need exactly two dimensions.
A linear layer acts on the last dimension of any tensor: one vector, or a batch of sentences.
Try your code with an x of shape (in,) and of shape (2, 3, in). Which operator accepts both?
"""

# caught by: leading

import torch


def linear(x, weight, bias=None):
    """Use the product of two matrices."""
    product = torch.mm(x, weight.T)
    return product if bias is None else product + bias
