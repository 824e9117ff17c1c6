"""Your code puts a new bias of zeros into the projection.

The numbers are right, but an optimizer that was made before holds the old bias, so the new one is
never trained. Write zeros into the bias that is there: `nn.init.zeros_(projection.bias)`.

Compare `id(projection.bias)` before and after the call.
"""

# caught by: bias

import torch
from torch import nn


def init_tied(embedding, projection, std=0.02):
    """Make a new bias."""
    nn.init.normal_(embedding.weight, std=std)
    if embedding.padding_idx is not None:
        with torch.no_grad():
            embedding.weight[embedding.padding_idx] = 0
    if projection.bias is not None:
        projection.bias = nn.Parameter(torch.zeros_like(projection.bias))
    projection.weight = embedding.weight
