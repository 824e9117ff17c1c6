"""Your layer returns zeros for the padding id, even if its row holds other numbers.

`padding_idx` does not filter the output. The row starts as zeros and gets no gradient, so the
output is usually zero. But if you load other numbers into the row, the lookup returns those, as
for every other row.

Fill `layer.weight` with ones under `torch.no_grad()`, then look up the padding id.
"""

# caught by: padding_output

import torch
from torch import nn
from torch.nn import functional as F


class Embedding(nn.Module):
    """Return zeros for the padding id."""

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
        rows = F.embedding(idx, self.weight, self.padding_idx)
        if self.padding_idx is not None:
            rows = rows.masked_fill((idx == self.padding_idx).unsqueeze(-1), 0.0)
        return rows
