# fails: combinations: the projection lists its bias before its weight afterwards
import torch
from torch import nn


def init_tied(embedding: nn.Embedding, projection: nn.Linear, std: float = 0.02) -> None:
    """Make two layers the start of one tied model, in place."""
    with torch.no_grad():
        embedding.weight.normal_(0.0, std)
        if embedding.padding_idx is not None:
            embedding.weight[embedding.padding_idx].zero_()
        if projection.bias is not None:
            projection.bias.zero_()
    del projection.weight  # free the memory of the old weight first
    projection.register_parameter("weight", embedding.weight)
