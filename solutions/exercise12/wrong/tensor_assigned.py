"""Your code assigns a plain tensor where a Parameter is needed.

`.data` and `.detach()` return a plain tensor, and a module refuses a plain tensor under the
name of a Parameter. A Parameter may belong to two modules.

Print `type(...)` of what you assign.
"""

# caught by: scores

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
