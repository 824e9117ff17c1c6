"""Your padding row starts as zeros, but it doesn't stay so: it gets a gradient.

A row of zeros is a starting point like any other, and its gradient doesn't contain the row.
After the first step of training it is no longer zero. The gradient has to be kept away from it
in each forward pass.
"""

# caught by: padding_gradient

import torch
from torch import nn
from torch.nn import functional as F


class Embedding(nn.Module):
    """Zero the row once and no more."""

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
        return F.embedding(idx, self.weight)
