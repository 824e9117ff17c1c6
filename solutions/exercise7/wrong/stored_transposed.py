"""Your weight has the shape (embedding_dim, num_embeddings): it is transposed.

`nn.Linear(num, dim)` stores its weight as (dim, num), but an embedding stores one row per id. All
code that reads or loads the weight expects one row per id, whatever your lookup does.

Print `layer.weight.shape` for your layer and for PyTorch's.
"""

# caught by: rows

import torch
from torch import nn
from torch.nn import functional as F


class Embedding(nn.Module):
    """Store one column per id."""

    def __init__(self, num_embeddings, embedding_dim, padding_idx=None):
        super().__init__()
        if padding_idx is not None and padding_idx < 0:
            padding_idx += num_embeddings
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        self.weight = nn.Parameter(torch.randn(embedding_dim, num_embeddings))
        if padding_idx is not None:
            with torch.no_grad():
                self.weight[:, padding_idx] = 0

    def forward(self, idx):
        """Look up."""
        return F.embedding(idx, self.weight.T, self.padding_idx)
