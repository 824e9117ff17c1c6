"""Your model returns the looked-up vectors and never uses its projection.

That is the first half. Each vector still has to be compared with the vectors of all ids: the
last size of the result is num_embeddings.
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
