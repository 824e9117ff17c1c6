# passes: normal numbers from uniform ones
import math

import torch
from torch import nn


@torch.no_grad()
def init_tied(embedding, projection, std=0.02):
    weight = embedding.weight
    radius = (-2 * torch.log(1 - torch.rand_like(weight, dtype=torch.float64))).sqrt()
    angle = 2 * math.pi * torch.rand_like(weight, dtype=torch.float64)
    weight.copy_(std * radius * angle.cos())
    if embedding.padding_idx is not None:
        weight.index_fill_(0, torch.tensor([embedding.padding_idx], device=weight.device), 0)
    if projection.bias is not None:
        nn.init.zeros_(projection.bias)
    projection.weight = weight
