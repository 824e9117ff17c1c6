"""Your layer returns zeros for the padding id, whatever its row holds.

Padding is no filter on the output. The row starts as zeros and isn't trained, so zeros are
usually what comes out; but who loads other numbers into it gets those back, and a layer that
blanks them out gives another result than the one that saved them.
"""

# caught by: padding_output

import torch
from torch import nn
from torch.nn import functional as F


class Embedding(nn.Module):
    """Blank the output out."""

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
