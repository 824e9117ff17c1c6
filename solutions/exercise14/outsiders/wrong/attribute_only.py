# fails: same_parameter: sets an attribute, and the Parameter of projection stays the old one

import torch
from torch import nn


def init_tied(embedding, projection, std=0.02):
    nn.init.normal_(embedding.weight, 0.0, std)
    if embedding.padding_idx is not None:
        nn.init.zeros_(embedding.weight[embedding.padding_idx])
    projection.__dict__["weight"] = embedding.weight
    if projection.bias is not None:
        nn.init.zeros_(projection.bias)
