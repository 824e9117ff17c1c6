"""Your model returns only the scores of the last position.

To continue a text you need only the last position. But this model returns scores for every
position, shape idx.shape + (num_embeddings,), and the caller can select the last one.

Print the shape of your scores for ids of shape (2, 4).
"""

# caught by: any_shape

from torch import nn


class TiedModel(nn.Module):
    """Take the last position."""

    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = self.embedding.weight

    def forward(self, idx):
        """Return the scores."""
        scores = self.projection(self.embedding(idx))
        return scores[..., -1, :] if idx.dim() > 1 else scores
