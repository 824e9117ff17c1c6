"""Your gradient has the lookup's share only: the projection's was cut off.

You use the weight on the way out without its graph, perhaps because a weight in two places
looked dangerous. It isn't: autograd adds up whatever comes back to a Parameter. Without this
share, ids that are not looked up learn nothing.
"""

# caught by: gradient

from torch import nn
from torch.nn import functional as F


class TiedModel(nn.Module):
    """Detach the weight on the way out."""

    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = self.embedding.weight

    def forward(self, idx):
        """Return the scores."""
        return F.linear(self.embedding(idx), self.projection.weight.detach())
