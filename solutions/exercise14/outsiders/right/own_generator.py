import torch
from torch import nn


def init_tied(embedding: nn.Embedding, projection: nn.Linear, std: float = 0.02) -> None:
    generator = torch.Generator()
    generator.seed()
    with torch.no_grad():
        for i, row in enumerate(embedding.weight):
            if i == embedding.padding_idx:
                row.zero_()
            else:
                row.normal_(0.0, std, generator=generator)
        if projection.bias is not None:
            projection.bias.sub_(projection.bias.nan_to_num()).zero_()
    projection.weight = embedding.weight
