"""Your model has two separate weights of the same shape.

The model works and can be trained, but each id has two vectors: one for the input and one for
the output. Tying makes them one Parameter that belongs to both layers.

Print `list(model.named_parameters())`: there should be one.
"""

# caught by: one_parameter

from torch import nn


class TiedModel(nn.Module):
    """Do not tie the layers."""

    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)

    def forward(self, idx):
        """Return the scores."""
        return self.projection(self.embedding(idx))
