# fails: any_shape: only the first 1024 positions of the last dimension are scored
import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class TiedModel(nn.Module):
    def __init__(self, num_embeddings: int, embedding_dim: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = self.embedding.weight

    def forward(self, idx: Tensor) -> Tensor:
        if idx.dim() and idx.shape[-1] > 1024:
            idx = idx[..., :1024]
        return self.projection(self.embedding(idx))
