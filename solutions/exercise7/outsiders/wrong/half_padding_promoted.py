# fails: conversion, combinations: padding rows come from a float32 copy, and torch.where promotes: .to(float16) AND a padding_idx gives a float32 output
import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Embedding(nn.Module):
    def __init__(
        self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None
    ) -> None:
        super().__init__()
        if padding_idx is not None and padding_idx < 0:
            padding_idx += num_embeddings
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        self.weight = nn.Parameter(torch.randn(num_embeddings, embedding_dim))
        if padding_idx is not None:
            with torch.no_grad():
                self.weight[padding_idx] = 0

    def forward(self, idx: Tensor) -> Tensor:
        rows = F.embedding(idx, self.weight)
        if self.padding_idx is None:
            return rows
        frozen = self.weight.detach()[self.padding_idx]
        if frozen.element_size() < 4:
            frozen = frozen.float()
        return torch.where((idx == self.padding_idx).unsqueeze(-1), frozen, rows)
