"""Your projection has a bias.

`nn.Linear` creates a bias by default. It is a second parameter and gives each id a score that
does not depend on its vector. The statement asks for a projection without one.

Print `model.projection.bias`: it should be None.
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
