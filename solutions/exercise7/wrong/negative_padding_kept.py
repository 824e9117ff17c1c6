"""Your layer stores a negative `padding_idx` as it came, and no id is ever equal to it.

-1 means the last row, as with Python's lists. Zeroing `weight[-1]` happens to hit that row, but
a comparison such as `idx == padding_idx` never holds, and the row is trained. Turn it into the
id that it stands for, once, in `__init__`.
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
