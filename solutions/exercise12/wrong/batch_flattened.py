"""Your scores are right, but the shape of the ids got lost.

A loss often wants all places in one line, and that is the loss's business: `scores.flatten(0,
-2)` does it there. The model keeps the shape of idx and puts num_embeddings at its end.
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
