"""Your `__init__` doesn't call `super().__init__()`, and no layer can be assigned before that.

`nn.Module` keeps its layers and parameters in dictionaries that its own `__init__` makes. Let
the call be the first line.
"""

# caught by: parts

from torch import nn


class TiedModel(nn.Module):
    """Forget super().__init__()."""

    def __init__(self, num_embeddings, embedding_dim):
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = self.embedding.weight

    def forward(self, idx):
        """Return the scores."""
        return self.projection(self.embedding(idx))
