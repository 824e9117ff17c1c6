# fails: conversion: each .to() sets the padding row to zero again
import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Embedding(nn.Module):
    def __init__(
        self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None
    ) -> None:
        super().__init__()
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        if padding_idx is not None and padding_idx < 0:
            self.padding_idx = padding_idx + num_embeddings
        self.weight = nn.Parameter(torch.randn(num_embeddings, embedding_dim))
        self._zero_padding()

    def _zero_padding(self):
        if self.padding_idx is not None:
            with torch.no_grad():
                self.weight[self.padding_idx].zero_()

    def _apply(self, fn, recurse=True):
        # after to_empty() from the meta device the row would hold garbage (as in HF's _init_weights)
        super()._apply(fn, recurse)
        self._zero_padding()
        return self

    def forward(self, idx: Tensor) -> Tensor:
        return F.embedding(idx, self.weight, self.padding_idx)
