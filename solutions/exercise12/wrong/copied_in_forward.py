"""Your model copies the embedding's weight into the projection in every forward pass.

This gives the right scores. But the projection's gradient goes to the projection's own
Parameter, and the next forward pass overwrites what that Parameter learned. A single shared
Parameter needs no copying.

Print `list(model.named_parameters())`: there should be one.
"""

# caught by: one_parameter

from torch import nn


class TiedModel(nn.Module):
    """Copy in every forward pass."""

    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)

    def forward(self, idx):
        """Return the scores."""
        self.projection.weight.data.copy_(self.embedding.weight.data)
        return self.projection(self.embedding(idx))
