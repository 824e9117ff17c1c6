"""Your padding row gets no gradient, so whatever it starts with it keeps: random numbers.

The `padding_idx` of `F.embedding` concerns the gradient alone; the function can't know how the
table was made. That the row starts as zeros is up to your `__init__`.
"""

# caught by: padding_start

import torch
from torch import nn
from torch.nn import functional as F


class Embedding(nn.Module):
    """Leave the padding row as it was drawn."""

    def __init__(self, num_embeddings, embedding_dim, padding_idx=None):
        super().__init__()
        if padding_idx is not None and padding_idx < 0:
            padding_idx += num_embeddings
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        self.weight = nn.Parameter(torch.randn(num_embeddings, embedding_dim))

    def forward(self, idx):
        """Look up."""
        return F.embedding(idx, self.weight, self.padding_idx)
