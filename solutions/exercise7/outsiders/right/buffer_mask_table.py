# passes: a non-persistent bool buffer picks rows of a detached table
import copy

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
                self.weight[padding_idx].zero_()
        frozen = torch.zeros(num_embeddings, 1, dtype=torch.bool)
        if padding_idx is not None:
            frozen[padding_idx] = True
        self.register_buffer("frozen", frozen, persistent=False)

    def forward(self, idx: Tensor) -> Tensor:
        if idx.is_floating_point():
            raise TypeError("ids must be integers")
        if bool(((idx < 0) | (idx >= self.num_embeddings)).any()):
            raise IndexError("id out of range")
        table = torch.where(self.frozen, self.weight.detach(), self.weight)
        return (
            table.index_select(0, idx.reshape(-1)).unflatten(0, idx.shape)
            if idx.dim() and idx.numel()
            else table[idx]
        )
