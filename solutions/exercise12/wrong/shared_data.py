"""Your two weights share memory, but they are still two Parameters.

A new `nn.Parameter` around the same tensor, or `.data`, makes each change visible in both. But
each Parameter has its own gradient, an optimizer such as Adam steps twice in the same memory,
and `.to(dtype)` gives each its own memory.

Print `model.projection.weight is model.embedding.weight`: it should be True.
"""

# caught by: one_parameter

from torch import nn


class TiedModel(nn.Module):
    """Share the memory."""

    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = nn.Parameter(self.embedding.weight.data)

    def forward(self, idx):
        """Return the scores."""
        return self.projection(self.embedding(idx))
