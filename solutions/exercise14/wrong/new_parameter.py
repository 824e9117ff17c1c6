"""Your code replaces the Parameter of the embedding by a new one.

Both layers share it, so the model works. But an optimizer that was made before still holds the old
Parameter: it trains that one, and the model never changes. Write into the Parameter that is there,
as the functions of `nn.init` do.

Compare `id(embedding.weight)` before and after the call.
"""

# caught by: same_parameter

import torch
from torch import nn


def init_tied(embedding, projection, std=0.02):
    """Make a new Parameter."""
    weight = torch.randn_like(embedding.weight) * std
    if embedding.padding_idx is not None:
        weight[embedding.padding_idx] = 0
    embedding.weight = nn.Parameter(weight)
    if projection.bias is not None:
        nn.init.zeros_(projection.bias)
    projection.weight = embedding.weight
