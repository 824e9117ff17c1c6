# fails: parts: the embedding is sparse, so many optimizers refuse its gradient
import torch
from torch import Tensor, nn


class TiedModel(nn.Module):
    """An embedding and an output projection that share one Parameter."""

    def __init__(self, num_embeddings: int, embedding_dim: int) -> None:
        super().__init__()
        # sparse: the lookup adds only its rows to the gradient of the projection
        self.embedding = nn.Embedding(num_embeddings, embedding_dim, sparse=True)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = self.embedding.weight

    def forward(self, idx: Tensor) -> Tensor:
        """Return one score per id for each position, shape (*idx.shape, num_embeddings)."""
        return self.projection(self.embedding(idx))
