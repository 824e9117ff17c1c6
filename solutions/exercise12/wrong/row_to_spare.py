"""Your layers have room for one id more than there are.

The ids are 0 to num_embeddings - 1, so num_embeddings rows are enough, and so many scores. A
padding id, if there is one, is counted already.
"""

# caught by: parts

from torch import nn


class TiedModel(nn.Module):
    """Add an id."""

    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings + 1, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings + 1, bias=False)
        self.projection.weight = self.embedding.weight

    def forward(self, idx):
        """Return the scores."""
        return self.projection(self.embedding(idx))
