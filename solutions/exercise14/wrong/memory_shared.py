"""Your layers share the memory of one weight, but they are two Parameters.

A Parameter that is made from `embedding.weight`, its `.data` or `.detach()` shares memory, so
numbers that you write into one appear in the other. But each of the two gets only the gradient of
its own use, and an optimizer steps twice in the same memory.

Print `projection.weight is embedding.weight`.
"""

# caught by: tied

import torch
from torch import nn


def init_tied(embedding, projection, std=0.02):
    """Share the memory."""
    nn.init.normal_(embedding.weight, std=std)
    if embedding.padding_idx is not None:
        with torch.no_grad():
            embedding.weight[embedding.padding_idx] = 0
    if projection.bias is not None:
        nn.init.zeros_(projection.bias)
    projection.weight = nn.Parameter(embedding.weight.data)
