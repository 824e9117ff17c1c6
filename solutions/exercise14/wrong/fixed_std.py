"""Your numbers always have standard deviation 0.02, whatever `std` is.

0.02 is only the default. Models with wider layers often start with smaller numbers. Pass `std` to
the function that draws the numbers.

Print `embedding.weight.std()` after a call with std = 0.5.
"""

# caught by: std

import torch
from torch import nn


def init_tied(embedding, projection, std=0.02):
    """Use the default always."""
    nn.init.normal_(embedding.weight, std=0.02)
    if embedding.padding_idx is not None:
        with torch.no_grad():
            embedding.weight[embedding.padding_idx] = 0
    if projection.bias is not None:
        nn.init.zeros_(projection.bias)
    projection.weight = embedding.weight
