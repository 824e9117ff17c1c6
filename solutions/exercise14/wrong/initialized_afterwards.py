"""Your code initializes the projection after tying, which overwrites the shared weight.

After tying, both layers have one weight. `reset_parameters()` of the projection then draws numbers
for both, with the scale of a linear layer. Draw the numbers last, or initialize the projection
before you tie it.

Print `embedding.weight.std()` after each line of your function.
"""

# caught by: std

import torch
from torch import nn


def init_tied(embedding, projection, std=0.02):
    """Reset the projection at the end."""
    nn.init.normal_(embedding.weight, std=std)
    if embedding.padding_idx is not None:
        with torch.no_grad():
            embedding.weight[embedding.padding_idx] = 0
    projection.weight = embedding.weight
    projection.reset_parameters()
    if projection.bias is not None:
        nn.init.zeros_(projection.bias)
