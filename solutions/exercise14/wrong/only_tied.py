"""Your code ties the layers but leaves the numbers of the embedding as they were.

The numbers of a new `nn.Embedding` have standard deviation 1. As a projection, such a table gives
each id a score of about dim for itself, and the model starts with a large loss. Draw new numbers
with the standard deviation `std`.

Print `embedding.weight.std()` after the call.
"""

# caught by: std

from torch import nn


def init_tied(embedding, projection, std=0.02):
    """Tie, and draw nothing."""
    projection.weight = embedding.weight
    if projection.bias is not None:
        nn.init.zeros_(projection.bias)
