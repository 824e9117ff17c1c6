"""Your gradient lacks the share of the projection.

You detach the weight for the projection, perhaps because using one weight twice looked unsafe.
It is safe: autograd adds up the gradients of all uses. Without this share, ids that are not
looked up learn nothing.

Print `weight.grad` after a backward pass: how many rows are zero?
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
