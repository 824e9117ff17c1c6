"""Your layer stores a negative `padding_idx` unchanged.

As in Python lists, -1 means the last row. Zeroing `weight[-1]` does reach that row. But ids are
never negative, so a comparison such as `idx == padding_idx` would never be true, and the row
would be trained. Convert the number once, in `__init__`, to the id it stands for.

Try `nn.Embedding(5, 2, padding_idx=-1).padding_idx` and compare it with yours.
"""

# caught by: parameter

import torch
from torch import nn


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
        rows = self.weight[idx]
        if self.padding_idx is not None:
            padding = (idx == self.padding_idx).unsqueeze(-1)
            rows = torch.where(padding, rows.detach(), rows)
        return rows
