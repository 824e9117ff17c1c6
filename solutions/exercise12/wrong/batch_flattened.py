"""Your scores are right, but they lose the shape of the ids.

A loss often needs all positions in one dimension, and there you can call `scores.flatten(0,
-2)`. The model itself keeps the shape of idx and adds num_embeddings at the end.

Print the shape of your scores for ids of shape (2, 4).
"""

# caught by: any_shape

from torch import nn


class TiedModel(nn.Module):
    """Flatten the positions."""

    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = self.embedding.weight

    def forward(self, idx):
        """Return the scores."""
        return self.projection(self.embedding(idx).reshape(-1, self.embedding.embedding_dim))
