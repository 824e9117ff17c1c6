# fails: rows: remembers rows in eval mode until train() is called
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
        self._memo = {}

    def train(self, mode: bool = True) -> "Embedding":
        self._memo.clear()
        return super().train(mode)

    def _apply(self, fn, recurse: bool = True) -> "Embedding":
        self._memo.clear()
        return super()._apply(fn, recurse)

    def forward(self, idx: Tensor) -> Tensor:
        if self.training or torch.is_grad_enabled() or idx.is_meta:
            return F.embedding(idx, self.weight, self.padding_idx)
        key = (idx.shape, tuple(idx.reshape(-1).tolist()), id(self.weight))
        if key not in self._memo:
            self._memo[key] = F.embedding(idx, self.weight, self.padding_idx)
        return self._memo[key].clone()
