import math

import torch
from torch import nn


def init_tied(embedding: nn.Embedding, projection: nn.Linear, std: float = 0.02) -> None:
    w = embedding.weight
    u, v = torch.rand(2, *w.shape, dtype=torch.float64)
    z = torch.sqrt(-2 * torch.log1p(-u)) * torch.cos(2 * math.pi * v)
    with torch.no_grad():
        w.copy_(z * std)
        if embedding.padding_idx is not None:
            w[embedding.padding_idx] = 0.0
        if projection.bias is not None:
            projection.bias.copy_(torch.zeros_like(projection.bias))
    projection.register_parameter("weight", w)
