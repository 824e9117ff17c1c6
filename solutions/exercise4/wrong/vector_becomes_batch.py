"""Your code turns a single vector into a batch of one and returns a batch.

A linear layer replaces the last dimension and adds none: (in,) becomes (out,). If your method
needs a leading dimension, remove it at the end. Does `@` need one? Print the shape of your
result for an x of shape (in,).
"""

# caught by: one_vector

import torch


def linear(x, weight, bias=None):
    """Add a batch dimension and keep it."""
    product = torch.atleast_2d(x) @ weight.T
    return product if bias is None else product + bias
