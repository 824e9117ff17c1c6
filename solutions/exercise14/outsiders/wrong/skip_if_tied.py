# fails: normal: layers that are tied already keep their numbers
import torch
import torch.nn.functional as F
from torch import Tensor, nn


def init_tied(embedding, projection, std=0.02):
    if projection.weight is embedding.weight:
        return  # already tied
    projection.weight = embedding.weight
    nn.init.normal_(embedding.weight, std=std)
    with torch.no_grad():
        if embedding.padding_idx is not None:
            embedding.weight[embedding.padding_idx] = 0.0
        if projection.bias is not None:
            projection.bias.zero_()
