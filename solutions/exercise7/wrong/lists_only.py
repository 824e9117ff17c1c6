"""Your layer accepts only a flat list of ids.

Functions such as `index_select` take an index of one dimension. An embedding also gets whole
batches of sentences or a single id, and its result has the shape of `idx` with embedding_dim
added at the end.

Try ids of shape (2, 4), and then a single id, `torch.tensor(1)`.
"""

# caught by: rows

import torch
from torch import nn


class Embedding(nn.Module):
    """Select along one dimension."""

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
        rows = self.weight.index_select(0, idx)
        if self.padding_idx is not None:
            padding = (idx == self.padding_idx).unsqueeze(-1)
            rows = torch.where(padding, rows.detach(), rows)
        return rows
