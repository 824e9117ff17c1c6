"""Your numbers have the standard deviation `std` squared.

The square of the standard deviation is the variance. `nn.init.normal_` and `normal_` take the
standard deviation itself, as this function does, so nothing is left to compute. For 0.02 your
numbers are fifty times too small.

Print `embedding.weight.std()` after a call with std = 0.5.
"""

# caught by: std

import torch
from torch import nn


def init_tied(embedding, projection, std=0.02):
    """Pass the variance."""
    nn.init.normal_(embedding.weight, std=std**2)
    if embedding.padding_idx is not None:
        with torch.no_grad():
            embedding.weight[embedding.padding_idx] = 0
    if projection.bias is not None:
        nn.init.zeros_(projection.bias)
    projection.weight = embedding.weight
