"""Your `__init__` does not call `super().__init__()`.

`nn.Module` keeps its layers and parameters in dictionaries that its own `__init__` creates.
Without that call, PyTorch raises an error when you assign a layer.

Make the call the first line of your `__init__`, and build the model again.
"""

# caught by: scores

from torch import nn


class TiedModel(nn.Module):
    """Forget super().__init__()."""

    def __init__(self, num_embeddings, embedding_dim):
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = self.embedding.weight

    def forward(self, idx):
        """Return the scores."""
        return self.projection(self.embedding(idx))
