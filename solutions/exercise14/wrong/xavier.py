"""Your numbers have a scale that depends on the sizes of the layer and not only on `std`.

Xavier initialization computes the scale from num and dim, so the numbers of a table with many ids
are smaller than those of one with few. Here the caller chooses the scale: it is `std`, for every
size.

Print `embedding.weight.std()` for two tables of different sizes.
"""

# caught by: std

import torch
from torch import nn


def init_tied(embedding, projection, std=0.02):
    """Use Xavier's scale."""
    nn.init.xavier_normal_(embedding.weight, gain=std / 0.02)
    if embedding.padding_idx is not None:
        with torch.no_grad():
            embedding.weight[embedding.padding_idx] = 0
    if projection.bias is not None:
        nn.init.zeros_(projection.bias)
    projection.weight = embedding.weight
