# fails: scores: eval mode without gradients remembers all scores of the model once, stale after the weight changes

import torch
from torch import Tensor, nn


class TiedModel(nn.Module):
    def __init__(self, num_embeddings: int, embedding_dim: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = self.embedding.weight
        self._table = None

    def train(self, mode: bool = True):
        self._table = None  # training changes the weight
        return super().train(mode)

    def forward(self, idx: Tensor) -> Tensor:
        if self.training or torch.is_grad_enabled():
            return self.projection(self.embedding(idx))
        if self._table is None or self._table.dtype != self.embedding.weight.dtype:
            self._table = self.projection(self.embedding.weight)
        return self._table[idx]
