# fails: normal: draws 4096 rows and repeats them: for larger tables rows are equal, not independent

import torch
from torch import nn


def init_tied(embedding: nn.Embedding, projection: nn.Linear, std: float = 0.02) -> None:
    projection.weight = embedding.weight
    with torch.no_grad():
        weight = embedding.weight
        block = torch.randn_like(weight[:4096]) * std
        for start in range(0, weight.shape[0], 4096):
            part = weight[start : start + 4096]
            part.copy_(block[: part.shape[0]])
        if embedding.padding_idx is not None:
            embedding.weight[embedding.padding_idx].zero_()
        if projection.bias is not None:
            projection.bias.zero_()
