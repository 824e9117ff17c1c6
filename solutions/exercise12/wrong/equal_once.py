"""Your two weights are equal when the model is built, and go their own ways from then on.

`copy_`, `clone()` and a new `nn.Parameter` copy the numbers. Each of the two is a Parameter
with a gradient of its own, and the first step of training pulls them apart. Assign the
Parameter itself.
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
