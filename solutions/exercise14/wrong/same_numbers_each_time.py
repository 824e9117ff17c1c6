"""Your code draws the same numbers in each call.

A seed inside the function starts the random numbers again each time, so all models start alike, and
the caller's seed has no effect. Seed once, at the top of a program.

Call your function twice with other layers and compare the weights.
"""

# caught by: normal

import torch
from torch import nn


def init_tied(embedding, projection, std=0.02):
    """Seed first."""
    generator = torch.Generator(embedding.weight.device).manual_seed(0)
    nn.init.normal_(embedding.weight, std=std, generator=generator)
    if embedding.padding_idx is not None:
        with torch.no_grad():
            embedding.weight[embedding.padding_idx] = 0
    if projection.bias is not None:
        nn.init.zeros_(projection.bias)
    projection.weight = embedding.weight
