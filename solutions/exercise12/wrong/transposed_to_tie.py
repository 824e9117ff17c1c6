"""Your model transposes the weight before it ties it.

No transpose is needed. `nn.Linear(dim, num)` stores (out, in) = (num, dim), the same shape as
the weight of `nn.Embedding(num, dim)`. PyTorch accepts a Parameter of any shape, so the mistake
shows only in the forward pass.

Print the shapes of both weights before you tie them.
"""

# caught by: scores

from torch import nn


class TiedModel(nn.Module):
    """Transpose the weight."""

    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = nn.Parameter(self.embedding.weight.T)

    def forward(self, idx):
        """Return the scores."""
        return self.projection(self.embedding(idx))
