# fails: combinations: for equal ids, one row of scores is expanded, so it cannot be written into
import torch
from torch import Tensor, nn


class TiedModel(nn.Module):
    def __init__(self, num_embeddings: int, embedding_dim: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = self.embedding.weight

    def forward(self, idx: Tensor) -> Tensor:
        if idx.numel() > 1:
            first = idx.reshape(-1)[:1]
            if bool((idx == first).all()):  # e.g. a batch of start tokens
                scores = self.projection(self.embedding(first))
                return scores.expand(*idx.shape, -1)
        return self.projection(self.embedding(idx))
