"""Your gradient is half the sum of both uses.

A weight that is used twice affects the loss in two ways, and for a small change the two effects
add up. You need not divide by the number of uses.

Remove any hook on the weight and print the gradient again.
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
