"""Your numbers have the variance `std` instead of the standard deviation.

The standard deviation is the root of the variance, so for std = 0.02 your numbers are seven times
too large. `nn.init.normal_` expects the standard deviation.

Print `embedding.weight.std()` after a call with std = 0.25: it should be 0.25, not 0.5.
"""

# caught by: std

import torch
from torch import nn


def init_tied(embedding, projection, std=0.02):
    """Take the root of std."""
    nn.init.normal_(embedding.weight, std=std**0.5)
    if embedding.padding_idx is not None:
        with torch.no_grad():
            embedding.weight[embedding.padding_idx] = 0
    if projection.bias is not None:
        nn.init.zeros_(projection.bias)
    projection.weight = embedding.weight
