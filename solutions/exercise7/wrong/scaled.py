"""Your layer multiplies its rows with the square root of embedding_dim.

The Transformer does so with its embeddings, in a step of the model. `nn.Embedding` itself
returns the rows as they are, and training sees another function if they are scaled.
"""

# caught by: rows

import torch
from torch import nn
from torch.nn import functional as F


class Embedding(nn.Module):
    """Scale the rows as the Transformer does."""

    def __init__(self, num_embeddings, embedding_dim, padding_idx=None):
        super().__init__()
        if padding_idx is not None and padding_idx < 0:
            padding_idx += num_embeddings
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        self.weight = nn.Parameter(torch.randn(num_embeddings, embedding_dim))
        if padding_idx is not None:
            with torch.no_grad():
                self.weight[padding_idx] = 0

    def forward(self, idx):
        """Look up."""
        return F.embedding(idx, self.weight, self.padding_idx) * self.embedding_dim**0.5
