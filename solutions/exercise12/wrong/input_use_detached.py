"""Your gradient lacks the share of the lookup.

The vectors that go into the projection come from the same weight, so they affect the scores
too. `.detach()` or `.data` on these vectors cuts off their gradient. Autograd adds both shares
by itself.

Print `requires_grad` of the vectors that go into the projection.
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
