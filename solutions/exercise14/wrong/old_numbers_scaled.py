"""Your code multiplies the numbers that the embedding holds instead of drawing new ones.

A new `nn.Embedding` holds normal numbers with standard deviation 1, but this function must work
whatever the layers held before. Other code may have initialized or trained them.

Fill the weight with ones before the call, and print it afterwards.
"""

# caught by: std

import torch
from torch import nn


def init_tied(embedding, projection, std=0.02):
    """Scale what is there."""
    with torch.no_grad():
        embedding.weight.mul_(std)
        if embedding.padding_idx is not None:
            embedding.weight[embedding.padding_idx] = 0
    if projection.bias is not None:
        nn.init.zeros_(projection.bias)
    projection.weight = embedding.weight
