"""Your model returns the looked-up vectors and never uses its projection.

That is only the first half. The projection compares each vector with the vectors of all ids, so
the last size of the result is num_embeddings.

Print the shape of your scores for ids of shape (2, 4).
"""

# caught by: scores

from torch import nn


class TiedModel(nn.Module):
    """Stop after the embedding."""

    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = self.embedding.weight

    def forward(self, idx):
        """Return the scores."""
        return self.embedding(idx)
