"""Your layer looks up rows in a detached weight, so no gradient reaches the weight.

`.data` and `.detach()` return a tensor that shares the numbers but has no connection to the
graph. The weight is still listed as a parameter, but `layer(idx).sum().backward()` raises an
error, and the weight's gradient stays None.

Print `layer(idx).requires_grad` and find the line where it becomes False.
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
