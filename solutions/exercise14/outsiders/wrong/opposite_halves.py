# fails: std, normal, start_loss: the second half of the rows is minus the first half, not independent

import torch
from torch import nn


@torch.no_grad()
def init_tied(embedding: nn.Embedding, projection: nn.Linear, std: float = 0.02) -> None:
    num, dim = embedding.weight.shape
    half = torch.empty((num + 1) // 2, dim, dtype=embedding.weight.dtype).normal_(0, std)
    # pairs of opposite vectors keep the mean at exactly 0
    embedding.weight.copy_(torch.cat([half, -half])[:num])
    embedding._fill_padding_idx_with_zero()
    projection.weight = embedding.weight
    if projection.bias is not None:
        nn.init.zeros_(projection.bias)
