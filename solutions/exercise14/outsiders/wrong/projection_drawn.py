# fails: std, normal: the new numbers go into the projection, whose weight is then replaced
import torch
from torch import nn


def init_tied(embedding, projection, std=0.02):
    nn.init.normal_(projection.weight, std=std)
    if projection.bias is not None:
        nn.init.zeros_(projection.bias)
    projection.weight = embedding.weight
    if embedding.padding_idx is not None:
        with torch.no_grad():
            embedding.weight[embedding.padding_idx] = 0
