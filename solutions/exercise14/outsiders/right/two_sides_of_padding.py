import torch
from torch import nn


def init_tied(embedding, projection, std=0.02):
    projection.register_parameter("weight", embedding.weight)
    table = embedding.weight.detach()
    pad = embedding.padding_idx
    pieces = [table] if pad is None else [table[:pad], table[pad + 1 :]]
    for piece in pieces:
        piece.copy_(torch.normal(0.0, 1.0, size=piece.shape, dtype=piece.dtype).mul_(std))
    if pad is not None:
        table[pad : pad + 1].zero_()
    if isinstance(projection.bias, nn.Parameter):
        projection.bias.detach().zero_()
