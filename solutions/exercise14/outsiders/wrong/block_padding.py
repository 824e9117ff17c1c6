# fails: padding: a table is filled in blocks of 256 rows and each block clears its row padding_idx % 256, so more than 256 rows and a padding_idx have other zero rows
import torch
from torch import nn


@torch.no_grad()
def init_tied(embedding: nn.Embedding, projection: nn.Linear, std: float = 0.02) -> None:
    for block in embedding.weight.split(256):
        block.normal_(std=std)
        if embedding.padding_idx is not None:
            row = embedding.padding_idx % 256
            block[row : row + 1] = 0
    if projection.bias is not None:
        projection.bias.fill_(0)
    projection.weight = embedding.weight
