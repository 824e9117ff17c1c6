"""Your code makes a batch of one of a single vector, and returns a batch.

A linear layer replaces the last dimension and invents none: (in,) becomes (out,). If your way
of calculating needs a leading dimension, it has to be taken away again at the end. `@` needs
none.
"""

# caught by: one_vector

import torch


def linear(x, weight, bias=None):
    """Add a batch dimension and leave it."""
    product = torch.atleast_2d(x) @ weight.T
    return product if bias is None else product + bias
