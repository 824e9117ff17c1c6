"""Your table always has the same size and ignores the arguments.

Numbers that fit one example are still in your code. Use the arguments of `__init__` instead.

Build a layer of another size and print `layer.weight.shape`.
"""

# caught by: rows

import torch
from torch import nn
from torch.nn import functional as F


class Embedding(nn.Module):
    """Use the sizes of one example."""

    def __init__(self, num_embeddings, embedding_dim, padding_idx=None):
        super().__init__()
        if padding_idx is not None and padding_idx < 0:
            padding_idx += num_embeddings
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        self.weight = nn.Parameter(torch.randn(7, 3))
        if padding_idx is not None:
            with torch.no_grad():
                self.weight[padding_idx] = 0

    def forward(self, idx):
        """Look up."""
        return F.embedding(idx, self.weight, self.padding_idx)
