"""Your projection has a bias, and asked for is one without.

`nn.Linear` makes a bias unless it is told not to. It is a second parameter, and gives each id a
score that has nothing to do with its vector. `bias=False` leaves it out.
"""

# caught by: parts

from torch import nn


class TiedModel(nn.Module):
    """Keep the bias."""

    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings)
        self.projection.weight = self.embedding.weight

    def forward(self, idx):
        """Return the scores."""
        return self.projection(self.embedding(idx))
