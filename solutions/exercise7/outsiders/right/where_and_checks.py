"""Checks the ids itself, and takes padding rows from the detached table with torch.where."""

import torch
from torch import Tensor, nn


class Embedding(nn.Module):
    def __init__(
        self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None
    ) -> None:
        super().__init__()
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.padding_idx = None if padding_idx is None else padding_idx % num_embeddings
        start = torch.randn(num_embeddings, embedding_dim)
        if self.padding_idx is not None:
            start.index_fill_(0, torch.tensor([self.padding_idx]), 0.0)
        self.weight = nn.Parameter(start)

    def forward(self, idx: Tensor) -> Tensor:
        if idx.is_floating_point():
            raise TypeError("ids must be integers")
        if idx.numel() and (int(idx.min()) < 0 or int(idx.max()) >= self.num_embeddings):
            raise IndexError("id out of range")
        rows = self.weight.index_select(0, idx.reshape(-1)).reshape(*idx.shape, self.embedding_dim)
        if self.padding_idx is None:
            return rows
        padding = idx.eq(self.padding_idx).unsqueeze(-1).expand_as(rows)
        return torch.where(padding, rows.detach(), rows)
