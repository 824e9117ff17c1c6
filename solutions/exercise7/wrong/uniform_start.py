"""Your weight starts with numbers between 0 and 1.

`torch.rand` draws uniformly from that range, and `torch.randn` draws standard normal numbers; n
stands for normal. With `rand` no number is negative, so all rows point in similar directions
from the start.

Print `layer.weight.mean()` and `layer.weight.std()` for a large layer; expect about 0 and 1.
"""

# caught by: start

import torch
from torch import nn
from torch.nn import functional as F


class Embedding(nn.Module):
    """Draw uniform numbers."""

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
