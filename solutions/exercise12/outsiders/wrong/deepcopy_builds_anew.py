# fails: combinations: the deepcopy of a frozen model is trainable, and that of an eval model in train mode
import torch
from torch import Tensor, nn


class TiedModel(nn.Module):
    """An embedding and an output projection that share one Parameter."""

    def __init__(self, num_embeddings: int, embedding_dim: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = self.embedding.weight

    def __deepcopy__(self, memo):
        # a plain copy could separate the two weights
        weight = self.embedding.weight
        new = type(self)(*weight.shape).to(device=weight.device, dtype=weight.dtype)
        new.load_state_dict(self.state_dict())
        memo[id(self)] = new
        return new

    def forward(self, idx: Tensor) -> Tensor:
        """Return one score per id for each position, shape (*idx.shape, num_embeddings)."""
        return self.projection(self.embedding(idx))
