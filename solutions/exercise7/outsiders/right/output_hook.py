# passes: a hook on the looked-up rows clears the gradient of padded ids
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

    def forward(self, idx: Tensor) -> Tensor:
        if idx.is_floating_point():
            raise TypeError("ids must be integers")
        if bool(((idx < 0) | (idx >= self.num_embeddings)).any()):
            raise IndexError("id out of range")
        rows = torch.gather(self.weight, 0, idx.reshape(-1, 1).expand(-1, self.embedding_dim))
        if self.padding_idx is not None and rows.requires_grad:
            padded = (idx == self.padding_idx).reshape(-1, 1)
            rows.register_hook(lambda grad: grad.masked_fill(padded, 0.0))
        return rows.reshape(*idx.shape, self.embedding_dim)
