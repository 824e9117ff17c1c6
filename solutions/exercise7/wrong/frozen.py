"""Your weight is a Parameter with `requires_grad=False`, so it is never trained.

`nn.Embedding.from_pretrained` freezes its table unless you pass `freeze=False`. But a new
embedding holds random numbers, and without training it would hold them forever.

Print `layer.weight.requires_grad` for your layer and for a new `nn.Embedding`.
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
