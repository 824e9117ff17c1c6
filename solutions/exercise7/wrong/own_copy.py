"""Your layer looks up rows in a copy of the weight that it made when it was built.

After that, the copy and the Parameter change independently: loading and training change the
Parameter, but `forward` returns the old copy. Keep one table and read it in `forward`.

Fill `layer.weight` with ones under `torch.no_grad()`, then look up an id.
"""

# caught by: rows

import torch
from torch import nn
from torch.nn import functional as F


class Embedding(nn.Module):
    """Look up in a copy."""

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
        self.rows = self.weight.detach().clone()

    def forward(self, idx):
        """Look up."""
        return F.embedding(idx, self.rows.to(idx.device), self.padding_idx)
