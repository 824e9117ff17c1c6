"""Your layers have room for one id more than `num_embeddings`.

The ids are 0 to num_embeddings - 1, so they need num_embeddings rows and scores. A padding id,
if there is one, is one of them.

Print `model.embedding.weight.shape`.
"""

# caught by: scores

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
