"""Your weight is a parameter that is told not to learn.

A table sounds like something fixed, and `requires_grad=False` makes it so, as
`nn.Embedding.from_pretrained` does unless it is told not to. A new embedding holds random
numbers; without training it would hold them for ever.
"""

# caught by: parameter

import torch
from torch import nn
from torch.nn import functional as F


class Embedding(nn.Module):
    """Freeze the table."""

    def __init__(self, num_embeddings, embedding_dim, padding_idx=None):
        super().__init__()
        if padding_idx is not None and padding_idx < 0:
            padding_idx += num_embeddings
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        self.weight = nn.Parameter(torch.randn(num_embeddings, embedding_dim), requires_grad=False)
        if padding_idx is not None:
            with torch.no_grad():
                self.weight[padding_idx] = 0

    def forward(self, idx):
        """Look up."""
        return F.embedding(idx, self.weight, self.padding_idx)
