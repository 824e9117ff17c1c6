"""Your layer stores a negative `padding_idx` unchanged.

As in Python lists, -1 means the last row. `weight[-1]` and `F.embedding` do reach that row. But ids
are never negative, so a comparison such as `idx == layer.padding_idx` is never true. Convert the
number once, in `__init__`, to the id it stands for.

Try `nn.Embedding(5, 2, padding_idx=-1).padding_idx` and compare it with yours.
"""

# caught by: parameter

import torch
from torch import nn
from torch.nn import functional as F


class Embedding(nn.Module):
    """Keep -1 as it is."""

    def __init__(self, num_embeddings, embedding_dim, padding_idx=None):
        super().__init__()
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        self.weight = nn.Parameter(torch.randn(num_embeddings, embedding_dim))
        if padding_idx is not None:
            with torch.no_grad():
                self.weight[padding_idx] = 0

    def forward(self, idx):
        """Look up."""
        return F.embedding(idx, self.weight, self.padding_idx)
