"""Your two weights are equal at first, but they are two Parameters.

`copy_` and `clone()` copy the numbers. A new `nn.Parameter` around a copy is a Parameter of its
own, too. Each Parameter gets its own gradient, so the first training step makes them differ.

Print `model.projection.weight is model.embedding.weight`: it should be True.
"""

# caught by: one_parameter

import torch
from torch import nn


class TiedModel(nn.Module):
    """Copy the numbers."""

    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        with torch.no_grad():
            self.projection.weight.copy_(self.embedding.weight)

    def forward(self, idx):
        """Return the scores."""
        return self.projection(self.embedding(idx))
