"""Your code leaves the bias of the projection as it was.

A new `nn.Linear` has a random bias, so some ids start with larger scores than others. Fill it with
zeros; it has no part in tying.

Print `projection.bias` after the call.
"""

# caught by: bias

import torch
from torch import nn


def init_tied(embedding, projection, std=0.02):
    """Forget the bias."""
    nn.init.normal_(embedding.weight, std=std)
    if embedding.padding_idx is not None:
        with torch.no_grad():
            embedding.weight[embedding.padding_idx] = 0
    projection.weight = embedding.weight
