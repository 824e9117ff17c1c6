"""Your weight starts with numbers between 0 and 1: `torch.rand` draws evenly from there.

An embedding starts with standard normal numbers, half of them negative; `torch.randn` draws
those, and its n makes the difference. With `rand` all rows point into the same corner of space
and are alike from the beginning.
"""

# caught by: start

import torch
from torch import nn
from torch.nn import functional as F


class Embedding(nn.Module):
    """Draw evenly."""

    def __init__(self, num_embeddings, embedding_dim, padding_idx=None):
        super().__init__()
        if padding_idx is not None and padding_idx < 0:
            padding_idx += num_embeddings
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        self.weight = nn.Parameter(torch.rand(num_embeddings, embedding_dim))
        if padding_idx is not None:
            with torch.no_grad():
                self.weight[padding_idx] = 0

    def forward(self, idx):
        """Look up."""
        return F.embedding(idx, self.weight, self.padding_idx)
