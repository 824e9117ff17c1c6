# fails: combinations: a hook is registered on each weight that is assigned, which a frozen Parameter refuses
import copy

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Embedding(nn.Module):
    """A drop-in replacement for ``nn.Embedding``."""

    def __init__(
        self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None
    ) -> None:
        super().__init__()
        if padding_idx is not None and padding_idx < 0:
            padding_idx += num_embeddings
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        start = torch.randn(num_embeddings, embedding_dim)
        if padding_idx is not None:
            start[padding_idx] = 0
        self.weight = nn.Parameter(start)

    def __setattr__(self, name, value):
        super().__setattr__(name, value)
        if name == "weight" and self.padding_idx is not None:
            row = self.padding_idx

            def without_padding(grad):
                grad = grad.clone()
                grad[row] = 0
                return grad

            self.weight.register_hook(without_padding)

    def __deepcopy__(self, memo):
        new = type(self)(self.num_embeddings, self.embedding_dim, self.padding_idx)
        memo[id(self)] = new
        new.weight = copy.deepcopy(self.weight, memo)
        new.train(self.training)
        return new

    def forward(self, idx: Tensor) -> Tensor:
        """Return the rows for the ids in ``idx``, shape (*idx.shape, embedding_dim)."""
        return F.embedding(idx, self.weight)
