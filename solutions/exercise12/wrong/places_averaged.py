"""Your model averages the vectors of a text before it computes scores.

A bag of words does that. Here each position has its own scores: the result has the shape of idx
with num_embeddings added at the end.

Print the shape of your scores for ids of shape (2, 4).
"""

# caught by: any_shape

from torch import nn


class TiedModel(nn.Module):
    """Average over the positions."""

    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = self.embedding.weight

    def forward(self, idx):
        """Return the scores."""
        rows = self.embedding(idx)
        if idx.dim() > 1:
            rows = rows.mean(-2)
        return self.projection(rows)
