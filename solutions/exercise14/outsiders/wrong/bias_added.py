# fails: bias: a projection without a bias gets one
import torch
from torch import nn


def init_tied(embedding, projection, std=0.02):
    nn.init.normal_(embedding.weight, std=std)
    if embedding.padding_idx is not None:
        with torch.no_grad():
            embedding.weight[embedding.padding_idx] = 0
    if projection.bias is None:
        projection.bias = nn.Parameter(torch.zeros(projection.out_features))
    nn.init.zeros_(projection.bias)
    projection.weight = embedding.weight
