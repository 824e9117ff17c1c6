# fails: normal: the numbers have a Laplace distribution
import torch
from torch import nn


def init_tied(embedding, projection, std=0.02):
    weight = embedding.weight
    with torch.no_grad():
        sign = torch.randint(0, 2, weight.shape) * 2 - 1
        weight.copy_(torch.empty_like(weight).exponential_() * sign * std / 2**0.5)
        if embedding.padding_idx is not None:
            weight[embedding.padding_idx] = 0
    if projection.bias is not None:
        nn.init.zeros_(projection.bias)
    projection.weight = weight
