"""Your code fails if the projection has no bias.

`nn.Linear(dim, num, bias=False)` has the attribute `bias`, but it is None, and None cannot be
filled. Most tied models have no bias. Ask for `projection.bias is not None` first.

Call your function with `nn.Linear(4, 9, bias=False)`.
"""

# caught by: std

import torch
from torch import nn


def init_tied(embedding, projection, std=0.02):
    """Assume a bias."""
    nn.init.normal_(embedding.weight, std=std)
    if embedding.padding_idx is not None:
        with torch.no_grad():
            embedding.weight[embedding.padding_idx] = 0
    nn.init.zeros_(projection.bias)
    projection.weight = embedding.weight
