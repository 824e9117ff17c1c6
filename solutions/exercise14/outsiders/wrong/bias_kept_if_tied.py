# fails: combinations: the bias keeps its numbers if the layers were tied already
import torch
from torch import nn


def init_tied(embedding: nn.Embedding, projection: nn.Linear, std: float = 0.02) -> None:
    with torch.no_grad():
        embedding.weight.normal_(mean=0.0, std=std)
        if embedding.padding_idx is not None:
            embedding.weight[embedding.padding_idx].zero_()
    if projection.weight is embedding.weight:
        return  # tied already
    projection.weight = embedding.weight
    if projection.bias is not None:
        nn.init.zeros_(projection.bias)
