"""Your code works for ids of two dimensions only.

It names exactly two sizes, for example `batch, length = idx.shape`, so one id, a list of ids and
an array of three dimensions raise an error. A layer accepts ids of any shape. Write code that does
not mention the number of dimensions: flatten the ids, work on the list, and restore the shape at
the end.

Print `idx.shape` for `torch.tensor(3)` and for `torch.zeros(2, 3, 4, dtype=torch.int64)`.
"""

# caught by: rows

import torch
from torch import nn
from torch.nn import functional as F


class Embedding(nn.Module):
    """Leave the padding row as it was drawn."""

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
        batch, length = idx.shape  # noqa: RUF059
        return F.embedding(idx, self.weight, self.padding_idx)
