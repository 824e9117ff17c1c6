# fails: normal: each row gets the same length
import torch
from torch import nn


def init_tied(embedding, projection, std=0.02):
    weight = embedding.weight
    nn.init.normal_(weight)
    with torch.no_grad():
        weight.mul_(std * weight.shape[1] ** 0.5 / weight.norm(dim=1, keepdim=True))
        if embedding.padding_idx is not None:
            weight[embedding.padding_idx] = 0
    if projection.bias is not None:
        nn.init.zeros_(projection.bias)
    projection.weight = weight
