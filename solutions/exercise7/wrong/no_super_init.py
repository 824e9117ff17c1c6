"""Your `__init__` does not call `super().__init__()`.

`nn.Module` keeps its parameters in a dictionary that its own `__init__` creates. Without that
call, PyTorch has no place to register your weight and raises an error when you assign it.

Make the call the first line of your `__init__`, and build the layer again.
"""

# caught by: rows

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
