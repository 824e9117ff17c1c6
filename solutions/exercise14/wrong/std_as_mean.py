"""Your numbers have the mean `std` instead of the standard deviation `std`.

The second argument of `nn.init.normal_` is the mean and the third one the standard deviation.
Name the argument: `std=std`.

Print the mean and the standard deviation of `embedding.weight` after the call.
"""

# caught by: std

import torch
from torch import nn


def init_tied(embedding, projection, std=0.02):
    """Pass std as the mean."""
    nn.init.normal_(embedding.weight, std)
    if embedding.padding_idx is not None:
        with torch.no_grad():
            embedding.weight[embedding.padding_idx] = 0
    if projection.bias is not None:
        nn.init.zeros_(projection.bias)
    projection.weight = embedding.weight
