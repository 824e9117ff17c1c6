# fails: combinations: float64 numbers are drawn and scaled in float32, which gives zeros for a tiny std
import torch
from torch import nn


@torch.no_grad()
def init_tied(embedding: nn.Embedding, projection: nn.Linear, std: float = 0.02) -> None:
    """Make two layers the start of one tied model, in place."""
    weight = embedding.weight
    weight.copy_(torch.randn(weight.shape) * std)
    if embedding.padding_idx is not None:
        weight[embedding.padding_idx] = 0
    projection.weight = weight
    if projection.bias is not None:
        projection.bias.zero_()
