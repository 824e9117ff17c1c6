"""Your padding row starts as zeros, but it gets a gradient.

The gradient of a lookup does not depend on the numbers in the row, so a row of zeros gets one
too. After one step of training it is no longer zero. You have to block its gradient in every
forward pass.

Look up the padding id, call backward, and print `layer.weight.grad`.
"""

# caught by: padding_gradient

import torch
from torch import nn
from torch.nn import functional as F


class Embedding(nn.Module):
    """Zero the row only once."""

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
        return F.embedding(idx, self.weight)
