"""Your model has no layer called `projection`.

The statement asks for an attribute `projection` that is an `nn.Linear`, so that other code finds
the output layer. `F.linear` or `@` can use the embedding's weight a second time without a layer,
and that is tying too, but nobody else can find it.

Print your model: it lists its layers with their names.
"""

# caught by: scores

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
