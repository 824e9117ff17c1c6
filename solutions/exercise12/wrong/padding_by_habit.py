"""Your embedding uses id 0 for padding.

With `padding_idx=0` the lookup sends no gradient to row 0. That is not a harmless default: id 0
is an ordinary id here, and its row would learn from only one of its two uses.

Print `model.embedding.padding_idx`: it should be None.
"""

# caught by: gradient

from torch import nn


class TiedModel(nn.Module):
    """Set padding_idx=0."""

    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim, padding_idx=0)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = self.embedding.weight

    def forward(self, idx):
        """Return the scores."""
        return self.projection(self.embedding(idx))
