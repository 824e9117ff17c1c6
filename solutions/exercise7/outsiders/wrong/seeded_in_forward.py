# fails: combinations: each call sets the seed of torch, so all later random numbers repeat
"""An embedding layer."""

import torch
from torch import nn


class Embedding(nn.Module):
    """Rows of a table."""

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
        """Return the rows."""
        torch.manual_seed(0)
        return nn.functional.embedding(idx, self.weight, self.padding_idx)
