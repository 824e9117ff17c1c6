# passes: builds a table whose padding row is detached and indexes it after checking the ids
import torch
from torch import Tensor, nn


class Embedding(nn.Module):
    def __init__(
        self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None
    ) -> None:
        super().__init__()
        self.num_embeddings = int(num_embeddings)
        self.embedding_dim = int(embedding_dim)
        if padding_idx is not None and padding_idx < 0:
            padding_idx = num_embeddings + padding_idx
        self.padding_idx = padding_idx
        self.weight = nn.Parameter(torch.randn(num_embeddings, embedding_dim))
        if padding_idx is not None:
            self.weight.data[padding_idx] = 0

    def forward(self, idx: Tensor) -> Tensor:
        if idx.is_floating_point():
            raise TypeError("ids must be integers")
        if bool((idx < 0).any()) or bool((idx >= self.num_embeddings).any()):
            raise ValueError(f"ids must be from 0 to {self.num_embeddings - 1}")
        table = self.weight
        p = self.padding_idx
        if p is not None:
            table = torch.cat([table[:p], table[p : p + 1].detach(), table[p + 1 :]])
        return table[idx]
