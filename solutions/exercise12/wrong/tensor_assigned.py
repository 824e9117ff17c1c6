"""Your code assigns a plain tensor where a Parameter has to be.

`.data` and `.detach()` give the numbers without the Parameter around them, and a module refuses
those under the name of a Parameter. The Parameter itself can be assigned: that is what makes it
shared.
"""

# caught by: parts

from torch import nn


class TiedModel(nn.Module):
    """Assign the tensor."""

    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = self.embedding.weight.data

    def forward(self, idx):
        """Return the scores."""
        return self.projection(self.embedding(idx))
