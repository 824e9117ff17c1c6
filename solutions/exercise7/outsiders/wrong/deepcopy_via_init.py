# fails: conversion: own __deepcopy__ builds a fresh float32 layer, so a copy of a converted layer is float32 again
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
            self.weight.data[padding_idx] = 0

    def __deepcopy__(self, memo):
        other = Embedding(self.num_embeddings, self.embedding_dim, self.padding_idx)
        other.load_state_dict(self.state_dict())
        memo[id(self)] = other
        return other

    def forward(self, idx: Tensor) -> Tensor:
        return F.embedding(idx, self.weight, self.padding_idx)
