"""Your model multiplies its vectors by the square root of embedding_dim.

The Transformer does this with its embeddings. Here nothing is scaled: each score is the plain
dot product of two rows.

Compare your scores with `model.embedding(idx) @ model.embedding.weight.T`.
"""

# caught by: scores

from torch import nn


class TiedModel(nn.Module):
    """Scale as the Transformer does."""

    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = self.embedding.weight

    def forward(self, idx):
        """Return the scores."""
        return self.projection(self.embedding(idx) * self.embedding.embedding_dim**0.5)
