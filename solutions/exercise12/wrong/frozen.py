"""Your weight is not trained, because its `requires_grad` is False.

`nn.Embedding.from_pretrained` freezes its weight unless you pass `freeze=False`, and a frozen
Parameter stays frozen in every layer that holds it. But this table has to learn, as any weight
does.

Print `model.embedding.weight.requires_grad`.
"""

# caught by: one_parameter

import torch
from torch import nn


class TiedModel(nn.Module):
    """Freeze the table."""

    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(torch.randn(num_embeddings, embedding_dim))
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = self.embedding.weight

    def forward(self, idx):
        """Return the scores."""
        return self.projection(self.embedding(idx))
