# fails: normal: the sum of 4 uniform numbers is only nearly normal: nothing beyond 3.47 std, kurtosis 2.7

import torch
from torch import nn


@torch.no_grad()
def init_tied(embedding: nn.Embedding, projection: nn.Linear, std: float = 0.02) -> None:
    w = embedding.weight
    z = torch.rand(4, *w.shape, dtype=w.dtype).sum(0) - 2  # variance 4 / 12
    w.copy_(z * (std * 3**0.5))
    if embedding.padding_idx is not None:
        w[embedding.padding_idx] = 0
    projection.weight = w
    if projection.bias is not None:
        projection.bias.zero_()
