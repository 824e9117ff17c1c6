# fails: normal: one random row is copied into all
import torch
from torch import nn


def init_tied(embedding, projection, std=0.02):
    weight = embedding.weight
    with torch.no_grad():
        row = torch.randn(weight.shape[1], dtype=weight.dtype)
        row *= std / row.square().mean().sqrt()
        weight.copy_((row - row.mean()).expand_as(weight))
        if embedding.padding_idx is not None:
            weight[embedding.padding_idx] = 0
    if projection.bias is not None:
        nn.init.zeros_(projection.bias)
    projection.weight = weight
