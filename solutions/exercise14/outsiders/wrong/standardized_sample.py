# fails: std: forces the sample to mean 0 and std exactly, so the numbers depend on each other (their sum is 0)

import torch
from torch import nn


def init_tied(embedding: nn.Embedding, projection: nn.Linear, std: float = 0.02) -> None:
    with torch.no_grad():
        z = torch.randn_like(embedding.weight)
        if z.numel() > 1:
            z = (z - z.mean()) / z.std(correction=0)
        embedding.weight.copy_(z * std)
        if embedding.padding_idx is not None:
            embedding.weight[embedding.padding_idx] = 0
        if projection.bias is not None:
            projection.bias.fill_(0)
    projection.weight = embedding.weight
