"""Your model ties its layers in `forward`, and until then they are two.

An optimiser is made before the first forward pass and is given two Parameters; one of them is
thrown away afterwards. Whatever belongs to the construction of a model goes into `__init__`.
"""

# caught by: one_parameter

from torch import nn


class TiedModel(nn.Module):
    """Tie in forward."""

    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)

    def forward(self, idx):
        """Return the scores."""
        self.projection.weight = self.embedding.weight
        return self.projection(self.embedding(idx))
