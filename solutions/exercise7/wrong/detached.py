"""Your layer looks up in the bare numbers of its weight, and no gradient gets back to it.

`.data` and `.detach()` leave the graph behind. The weight is a parameter and stands in every
list, yet its gradient is None after each backward pass, and an optimiser skips it silently.
"""

# caught by: padding_gradient

import torch
from torch import nn
from torch.nn import functional as F


class Embedding(nn.Module):
    """Look up in weight.data."""

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
        return F.embedding(idx, self.weight.data, self.padding_idx)
