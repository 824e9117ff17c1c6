# fails: normal: the tails are cut off, and the rest is scaled to std
import torch
from torch import nn


def init_tied(embedding, projection, std=0.02):
    full = std / 0.8796
    nn.init.trunc_normal_(embedding.weight, std=full, a=-2 * full, b=2 * full)
    if embedding.padding_idx is not None:
        with torch.no_grad():
            embedding.weight[embedding.padding_idx] = 0
    if projection.bias is not None:
        nn.init.zeros_(projection.bias)
    projection.weight = embedding.weight
