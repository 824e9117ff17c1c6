"""Your weight starts with numbers that are too small.

Scaling with `0.01` or with a rule such as Xavier's or Kaiming's is meant for matrices, whose
outputs are sums of many terms. A lookup sums nothing. `nn.Embedding` starts with a standard
deviation of 1, and a drop-in for it has to start alike.
"""

# caught by: start

import torch
from torch import nn
from torch.nn import functional as F


class Embedding(nn.Module):
    """Scale the first numbers down."""

    def __init__(self, num_embeddings, embedding_dim, padding_idx=None):
        super().__init__()
        if padding_idx is not None and padding_idx < 0:
            padding_idx += num_embeddings
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        self.weight = nn.Parameter(torch.randn(num_embeddings, embedding_dim) * 0.01)
        if padding_idx is not None:
            with torch.no_grad():
                self.weight[padding_idx] = 0

    def forward(self, idx):
        """Look up."""
        return F.embedding(idx, self.weight, self.padding_idx)
