"""Your weight starts with numbers that are too small.

Factors such as `0.01`, and the rules of Xavier and Kaiming, keep the sums in a matrix product
from growing. A lookup sums nothing, and `nn.Embedding` starts with a standard deviation of 1.
(A table that also serves as an output matrix does start smaller, but the model arranges that.)

Print `layer.weight.std()` for a large layer.
"""

# caught by: start

import torch
from torch import nn
from torch.nn import functional as F


class Embedding(nn.Module):
    """Scale the initial numbers down."""

    def __init__(self, num_embeddings, embedding_dim, padding_idx=None):
        super().__init__()
        if padding_idx is not None and padding_idx < 0:
            padding_idx += num_embeddings
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        self.weight = nn.Parameter(torch.randn(num_embeddings, embedding_dim) * 0.01)
        if padding_idx is not None:
            with torch.no_grad():
                self.weight[padding_idx] = 0

    def forward(self, idx):
        """Look up."""
        return F.embedding(idx, self.weight, self.padding_idx)
