"""Your `__init__` doesn't call `super().__init__()`, and nothing can be a parameter before that.

`nn.Module` keeps its parameters in a dictionary of its own, which its `__init__` makes. Without
it, PyTorch has no place where it could note down your weight, and says so as soon as you assign
it. Let the call be the first line.
"""

# caught by: parameter

import torch
from torch import nn
from torch.nn import functional as F


class Embedding(nn.Module):
    """Forget super().__init__()."""

    def __init__(self, num_embeddings, embedding_dim, padding_idx=None):
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
        return F.embedding(idx, self.weight, self.padding_idx)
