# fails: scores, parts: in eval mode a transposed table is kept, which misses changes of weight.data
import torch
from torch import Tensor, nn


class TiedModel(nn.Module):
    """An embedding and an output projection that share one Parameter."""

    def __init__(self, num_embeddings: int, embedding_dim: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = self.embedding.weight
        self._columns = None

    def forward(self, idx: Tensor) -> Tensor:
        """Return one score per id for each position, shape (*idx.shape, num_embeddings)."""
        rows = self.embedding(idx)
        if self.training or torch.is_grad_enabled():
            return self.projection(rows)
        weight = self.projection.weight
        key = (weight._version, weight.dtype, weight.device, weight.data_ptr())
        if self._columns is None or self._columns[0] != key:
            self._columns = key, weight.detach().t().clone()
        return rows @ self._columns[1]
