"""Your layer takes a plain list of ids and no other shape.

`index_select` and its like are made for one dimension. An embedding is given whole batches of
sentences, or a single id, and returns their shape with embedding_dim at its end.
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
