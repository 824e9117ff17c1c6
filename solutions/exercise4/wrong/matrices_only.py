"""Your code takes a matrix for x and nothing else.

Functions such as `torch.mm` and `torch.addmm`, or a line like `batch, size = x.shape`, insist
on two dimensions. A linear layer acts on the last dimension of any tensor: one vector, or a
batch of sentences of vectors. `@` does so by itself.
"""

# caught by: leading

import torch


def linear(x, weight, bias=None):
    """Use the product of two matrices."""
    product = torch.mm(x, weight.T)
    return product if bias is None else product + bias
