"""Your embedding takes id 0 for padding, which nobody asked for.

With `padding_idx=0` the lookup brings no gradient back to row 0. It is no harmless default: id
0 is an id like any other here, and would learn from one of its two uses only.
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
