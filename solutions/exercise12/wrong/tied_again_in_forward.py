"""Your model ties its layers in `forward`, so before that they hold two Parameters.

An optimizer is usually created before the first forward pass, so it gets both Parameters, and
one of them is then discarded. Code that builds the model belongs in `__init__`.

Print `list(model.named_parameters())` right after you build the model.
"""

# caught by: one_parameter

from torch import nn


class TiedModel(nn.Module):
    """Tie in forward."""

    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)

    def forward(self, idx):
        """Return the scores."""
        self.projection.weight = self.embedding.weight
        return self.projection(self.embedding(idx))
