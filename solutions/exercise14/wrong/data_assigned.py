"""Your layers still have two Parameters.

`projection.weight.data = embedding.weight.data` lets two Parameters share memory, so both have the
same numbers. But each of them gets only the gradient of its own use. Assign the Parameter itself,
neither its `.data` nor a copy.

Print `projection.weight is embedding.weight`.
"""

# caught by: tied

import torch
from torch import nn


def init_tied(embedding, projection, std=0.02):
    """Assign the data."""
    nn.init.normal_(embedding.weight, std=std)
    if embedding.padding_idx is not None:
        with torch.no_grad():
            embedding.weight[embedding.padding_idx] = 0
    if projection.bias is not None:
        nn.init.zeros_(projection.bias)
    projection.weight.data = embedding.weight.data
