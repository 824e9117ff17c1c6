"""Each of your layers has a weight of its own.

Equal numbers at the start are not enough. `copy_` and `clone` copy the numbers once. Each Parameter
then gets its own gradient, and after one step of training they differ. Assign the Parameter itself:
`projection.weight = embedding.weight`.

Write into `embedding.weight` after the call, and look at `projection.weight`.
"""

# caught by: tied

import torch
from torch import nn


def init_tied(embedding, projection, std=0.02):
    """Copy the numbers."""
    nn.init.normal_(embedding.weight, std=std)
    with torch.no_grad():
        if embedding.padding_idx is not None:
            embedding.weight[embedding.padding_idx] = 0
        projection.weight.copy_(embedding.weight)
    if projection.bias is not None:
        nn.init.zeros_(projection.bias)
