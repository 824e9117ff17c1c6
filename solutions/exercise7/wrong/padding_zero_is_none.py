"""Your layer takes `padding_idx=0` for no padding at all.

`if padding_idx:` asks whether the number is true, and 0 is as false as None is, while it is the
most usual padding id. Ask what you mean: is it None?
"""

# caught by: padding_start

import torch
from torch import nn
from torch.nn import functional as F


class Embedding(nn.Module):
    """Ask whether the number is true."""

    def __init__(self, num_embeddings, embedding_dim, padding_idx=None):
        super().__init__()
        if padding_idx is not None and padding_idx < 0:
            padding_idx += num_embeddings
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        self.weight = nn.Parameter(torch.randn(num_embeddings, embedding_dim))
        if padding_idx:
            with torch.no_grad():
                self.weight[padding_idx] = 0

    def forward(self, idx):
        """Look up."""
        return F.embedding(idx, self.weight, self.padding_idx or None)
