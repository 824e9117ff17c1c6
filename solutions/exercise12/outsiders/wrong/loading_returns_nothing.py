# fails: state_dict: load_state_dict does not return the missing and the unexpected names
import torch
from torch import Tensor, nn


class TiedModel(nn.Module):
    """An embedding and an output projection that share one Parameter."""

    def __init__(self, num_embeddings: int, embedding_dim: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self._tie()

    def _tie(self) -> None:
        self.projection.weight = self.embedding.weight

    def load_state_dict(self, state_dict, *args, **kwargs):
        super().load_state_dict(state_dict, *args, **kwargs)
        self._tie()

    def forward(self, idx: Tensor) -> Tensor:
        """Return one score per id for each position, shape (*idx.shape, num_embeddings)."""
        return self.projection(self.embedding(idx))
