"""Your layer treats `padding_idx=0` as no padding.

`if padding_idx:` asks whether the number is true, and both 0 and None count as false. But 0 is
the most common padding id. Test for None instead.

Build the layer with `padding_idx=0` and print `layer.weight[0]`.
"""

# caught by: padding_start

import torch
from torch import nn
from torch.nn import functional as F


class Embedding(nn.Module):
    """Test whether the number is true."""

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
