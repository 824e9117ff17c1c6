"""Your layer takes float ids and cuts their fractions off.

`.long()` was perhaps meant to convert other integers. It turns 1.9 into 1 as well, and a mix-up
of ids and measurements, which PyTorch's layer refuses, passes unnoticed. int64 and int32 need
no conversion; floats should raise.
"""

# caught by: bad_ids

import torch
from torch import nn
from torch.nn import functional as F


class Embedding(nn.Module):
    """Convert whatever comes."""

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
        return F.embedding(idx.long(), self.weight, self.padding_idx)
