"""Your model has two weights of the same shape, which know nothing of each other.

That is a model that works and could be trained, but each id has two vectors in it, one for the
way in and one for the way out. Tying makes them one: a Parameter that belongs to both layers.
"""

# caught by: one_parameter

from torch import nn


class TiedModel(nn.Module):
    """Do not tie the layers."""

    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)

    def forward(self, idx):
        """Return the scores."""
        return self.projection(self.embedding(idx))
