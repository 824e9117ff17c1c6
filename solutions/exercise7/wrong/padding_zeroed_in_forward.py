"""Your layer writes zeros into its padding row in every forward pass.

The row starts as zeros once, when the layer is built. A forward pass should only read: yours
silently erases any numbers that somebody loaded into the row.

Fill `layer.weight` with ones under `torch.no_grad()`, look up an id, and print the weight.
"""

# caught by: padding_output

import torch
from torch import nn
from torch.nn import functional as F


class Embedding(nn.Module):
    """Zero the row in every forward pass."""

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
        if self.padding_idx is not None:
            with torch.no_grad():
                self.weight[self.padding_idx] = 0
        return F.embedding(idx, self.weight, self.padding_idx)
