"""Your code clears the whole table if there is no `padding_idx`.

`weight[None]` adds a dimension in front and selects everything, so assigning 0 to it clears all
rows. Ask for `embedding.padding_idx is not None` first.

Print `torch.ones(3, 2)[None].shape`.
"""

# caught by: std

import torch
from torch import nn


def init_tied(embedding, projection, std=0.02):
    """Index with None."""
    nn.init.normal_(embedding.weight, std=std)
    with torch.no_grad():
        embedding.weight[embedding.padding_idx] = 0
    if projection.bias is not None:
        nn.init.zeros_(projection.bias)
    projection.weight = embedding.weight
