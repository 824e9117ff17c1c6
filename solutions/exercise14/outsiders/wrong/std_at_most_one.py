# fails: std: clamps std to at most 1
import torch
from torch import nn


def init_tied(embedding, projection, std=0.02):
    nn.init.normal_(embedding.weight, std=min(std, 1.0))
    if embedding.padding_idx is not None:
        with torch.no_grad():
            embedding.weight[embedding.padding_idx] = 0
    if projection.bias is not None:
        nn.init.zeros_(projection.bias)
    projection.weight = embedding.weight
