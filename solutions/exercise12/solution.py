"""Exercise 12: one weight, two layers."""

from torch import Tensor, nn


class TiedModel(nn.Module):
    """An embedding and an output projection that share one Parameter."""

    def __init__(self, num_embeddings: int, embedding_dim: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = self.embedding.weight

    def forward(self, idx: Tensor) -> Tensor:
        """Return one score per id for each position of ``idx``."""
        return self.projection(self.embedding(idx))
