"""Your two weights share their memory, but they are still two Parameters.

By way of `.data`, or a new `nn.Parameter` around the same tensor, each change is seen in both,
so all looks well. But each has a gradient of its own, an optimiser with momentum or Adam steps
twice in the same memory, and `.to(...)` gives each a memory of its own. Assign the Parameter
itself.
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
