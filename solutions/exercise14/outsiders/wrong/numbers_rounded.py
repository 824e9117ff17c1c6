# fails: normal: the numbers pass through bfloat16
import torch
from torch import nn


def init_tied(embedding, projection, std=0.02):
    with torch.no_grad():
        embedding.weight.copy_(torch.randn(embedding.weight.shape).bfloat16() * std)
        if embedding.padding_idx is not None:
            embedding.weight[embedding.padding_idx] = 0
    if projection.bias is not None:
        nn.init.zeros_(projection.bias)
    projection.weight = embedding.weight
