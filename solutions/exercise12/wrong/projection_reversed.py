"""Your projection is built the wrong way round, as `nn.Linear(num_embeddings, embedding_dim)`.

That layer maps num to dim. Assigning the embedding's weight gives it a weight of another shape,
which PyTorch does not check. So the product happens to be right, while the layer reports the
wrong sizes. The projection maps a vector to scores: from dim to num.

Print your projection and read in_features and out_features.
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
