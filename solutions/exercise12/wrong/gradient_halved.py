"""Your gradient is the mean of the two uses, and it is their sum.

A weight that is used twice has two ways to change the loss, and for a small change both effects
add up. Nothing has to be divided by the number of uses.
"""

# caught by: gradient

from torch import nn


class TiedModel(nn.Module):
    """Halve the gradient."""

    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = self.embedding.weight
        self.embedding.weight.register_hook(lambda gradient: gradient / 2)

    def forward(self, idx):
        """Return the scores."""
        return self.projection(self.embedding(idx))
