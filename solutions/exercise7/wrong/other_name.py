"""Your table is a Parameter, but its name is not `weight`.

The attribute's name is the key in `state_dict()`, so a file saved from `nn.Embedding` does not
load into your layer. Code that copies or ties weights reads `layer.weight` and does not find
it.

Print `list(layer.state_dict())` for your layer and for PyTorch's.
"""

# caught by: rows

import torch
from torch import nn
from torch.nn import functional as F


class Embedding(nn.Module):
    """Call the table something else."""

    def __init__(self, num_embeddings, embedding_dim, padding_idx=None):
        super().__init__()
        if padding_idx is not None and padding_idx < 0:
            padding_idx += num_embeddings
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        self.table = nn.Parameter(torch.randn(num_embeddings, embedding_dim))
        if padding_idx is not None:
            with torch.no_grad():
                self.table[padding_idx] = 0

    def forward(self, idx):
        """Look up."""
        return F.embedding(idx, self.table, self.padding_idx)
