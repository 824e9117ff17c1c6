# fails: state_dict: the Parameter is also an attribute of the model, so state_dict has a third name

import torch
from torch import Tensor, nn


class TiedModel(nn.Module):
    def __init__(self, num_embeddings: int, embedding_dim: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(num_embeddings, embedding_dim))
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.embedding.weight = self.projection.weight = self.weight

    def forward(self, idx: Tensor) -> Tensor:
        return self.projection(self.embedding(idx))
