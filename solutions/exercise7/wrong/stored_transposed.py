"""Your weight is (embedding_dim, num_embeddings), on its side.

That is the order in which `nn.Linear(num, dim)` keeps its weight. An embedding has one row per
id, and its constructor takes the sizes in that very order. Your lookup sets it right on the way
out, but everyone else who reads or loads the weight gets it transposed.
"""

# caught by: parameter

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
