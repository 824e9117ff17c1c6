# fails: padding: the layer forgets its padding_idx
import torch
from torch import nn


def init_tied(embedding, projection, std=0.02):
    nn.init.normal_(embedding.weight, std=std)
    if embedding.padding_idx is not None:
        with torch.no_grad():
            embedding.weight[embedding.padding_idx] = 0
    embedding.padding_idx = None
    if projection.bias is not None:
        nn.init.zeros_(projection.bias)
    projection.weight = embedding.weight
