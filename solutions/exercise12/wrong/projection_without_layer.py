"""Your scores are right, but the model has no layer `projection`.

With `F.linear` or `@` the weight is used twice without a second layer, and that is tying too.
Asked for is an attribute `projection`, though, so that whoever saves, loads or replaces the
output layer finds it.
"""

# caught by: parts

from torch import nn
from torch.nn import functional as F


class TiedModel(nn.Module):
    """Multiply without a layer."""

    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)

    def forward(self, idx):
        """Return the scores."""
        return F.linear(self.embedding(idx), self.embedding.weight)
