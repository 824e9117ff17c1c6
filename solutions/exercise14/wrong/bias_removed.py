"""Your code removes the bias instead of filling it with zeros.

`projection.bias = None` changes the model: the bias can no longer be trained, and a saved state
with a bias no longer loads. A bias of zeros has no effect at first, but it can learn.

Print `projection.bias` after the call.
"""

# caught by: bias

import torch
from torch import nn


def init_tied(embedding, projection, std=0.02):
    """Remove the bias."""
    nn.init.normal_(embedding.weight, std=std)
    if embedding.padding_idx is not None:
        with torch.no_grad():
            embedding.weight[embedding.padding_idx] = 0
    projection.bias = None
    projection.weight = embedding.weight
