"""Your gradient has the projection's share only: the lookup's was cut off.

The vectors that go into the projection were looked up in the same weight, and they have an
influence on the scores too. `.detach()` or `.data` on the way in takes it away. Autograd adds
both shares up by itself.
"""

# caught by: gradient

from torch import nn


class TiedModel(nn.Module):
    """Detach the looked-up vectors."""

    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = self.embedding.weight

    def forward(self, idx):
        """Return the scores."""
        return self.projection(self.embedding(idx).detach())
