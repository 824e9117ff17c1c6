# fails: bias: the bias is multiplied by 0, so inf and nan become nan

import torch
from torch import nn


def init_tied(embedding: nn.Embedding, projection: nn.Linear, std: float = 0.02) -> None:
    with torch.no_grad():
        embedding.weight.copy_(torch.randn_like(embedding.weight).mul_(std))
        if embedding.padding_idx is not None:
            embedding.weight[embedding.padding_idx] *= 0
        if projection.bias is not None:
            projection.bias *= 0
    projection.weight = embedding.weight
