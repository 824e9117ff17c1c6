# fails: conversion, combinations: a hook on the Parameter clears the padding gradient, and a copy has none: deepcopy AND a padding_idx
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

    def __setattr__(self, name, value):
        super().__setattr__(name, value)
        if name == "weight" and self.padding_idx is not None:
            row = self.padding_idx

            def clear(grad):
                grad = grad.clone()
                grad[row] = 0
                return grad

            value.register_hook(clear)

    def forward(self, idx: Tensor) -> Tensor:
        return F.embedding(idx, self.weight)
