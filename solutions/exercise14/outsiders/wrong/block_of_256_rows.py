# fails: normal: draws 256 rows and repeats them for larger tables

import torch
from torch import nn

BLOCK = 256


@torch.no_grad()
def init_tied(embedding: nn.Embedding, projection: nn.Linear, std: float = 0.02) -> None:
    w = embedding.weight
    block = torch.normal(0.0, std, size=(min(BLOCK, len(w)), w.shape[1]), dtype=w.dtype)
    for first in range(0, len(w), BLOCK):
        part = w[first : first + BLOCK]
        part.copy_(block[: len(part)])
    if embedding.padding_idx is not None:
        w[embedding.padding_idx].zero_()
    projection.weight = w
    if projection.bias is not None:
        projection.bias.zero_()
