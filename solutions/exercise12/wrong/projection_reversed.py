"""Your projection is built the wrong way round, as `nn.Linear(num_embeddings, embedding_dim)`.

That is a layer from num to dim, with a weight of shape (dim, num). By assigning the embedding's
weight you gave it another shape, which PyTorch doesn't check, so the product happens to be
right while the layer says of itself that it maps num to dim. The projection goes from a vector
to scores: in is dim, out is num.
"""

# caught by: parts

from torch import nn


class TiedModel(nn.Module):
    """Build the projection from num to dim."""

    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(num_embeddings, embedding_dim, bias=False)
        self.projection.weight = self.embedding.weight

    def forward(self, idx):
        """Return the scores."""
        return self.projection(self.embedding(idx))
