# fails: normal: the columns are orthogonal and of one length
import torch
from torch import nn


def init_tied(embedding, projection, std=0.02):
    nn.init.orthogonal_(embedding.weight, gain=std * max(embedding.weight.shape) ** 0.5)
    if embedding.padding_idx is not None:
        with torch.no_grad():
            embedding.weight[embedding.padding_idx] = 0
    if projection.bias is not None:
        nn.init.zeros_(projection.bias)
    projection.weight = embedding.weight
