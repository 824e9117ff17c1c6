"""Your numbers have standard deviation 1, whatever `std` is.

`nn.init.normal_` has a parameter `std` whose default is 1, and `torch.randn` always draws with 1.
A tied table with such numbers gives each id a score of about dim for itself.

Print `embedding.weight.std()` after a call with the default.
"""

# caught by: std

import torch
from torch import nn


def init_tied(embedding, projection, std=0.02):
    """Forget std."""
    nn.init.normal_(embedding.weight)
    if embedding.padding_idx is not None:
        with torch.no_grad():
            embedding.weight[embedding.padding_idx] = 0
    if projection.bias is not None:
        nn.init.zeros_(projection.bias)
    projection.weight = embedding.weight
