"""Your model returns the scores of the last place alone.

To continue a text one looks at its last place. But the model gives scores in every place: shape
idx.shape + (num_embeddings,). Who needs only the last can take it from there.
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
