# fails: any_shape: squeezes the result, so a batch with one row (or one position) loses its dimension

from torch import Tensor, nn
import torch
import torch.nn.functional as F


class TiedModel(nn.Module):
    def __init__(self, num_embeddings: int, embedding_dim: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = self.embedding.weight

    def forward(self, idx: Tensor) -> Tensor:
        tokens = idx.unsqueeze(0) if idx.dim() < 2 else idx
        return self.projection(self.embedding(tokens)).squeeze(0)
