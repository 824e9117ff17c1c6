"""Your weight starts as zeros, so all ids have the same vector.

`nn.Embedding` starts with standard normal numbers. Random rows let the model distinguish the
ids before it has learned anything. Only the padding row, if there is one, starts as zeros.

Print `layer.weight` right after you build the layer.
"""

# caught by: start

import torch
from torch import nn
from torch.nn import functional as F


class Embedding(nn.Module):
    """Start with zeros."""

    def __init__(self, num_embeddings, embedding_dim, padding_idx=None):
        super().__init__()
        if padding_idx is not None and padding_idx < 0:
            padding_idx += num_embeddings
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        self.weight = nn.Parameter(torch.zeros(num_embeddings, embedding_dim))
        if padding_idx is not None:
            with torch.no_grad():
                self.weight[padding_idx] = 0

    def forward(self, idx):
        """Look up."""
        return F.embedding(idx, self.weight, self.padding_idx)
