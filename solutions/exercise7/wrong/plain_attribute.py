"""Your layer has no Parameter called weight, so `nn.Module` does not know your table.

A plain tensor stored as an attribute gives the right rows, but nothing else works: no optimizer
gets it, no gradient reaches it, `state_dict()` does not contain it, and `.to(...)` does not
convert it. `nn.Module` registers an `nn.Parameter` when you assign it.

Print `list(layer.named_parameters())`: your table should be there.
"""

# caught by: parameter

import torch
from torch import nn
from torch.nn import functional as F


class Embedding(nn.Module):
    """Keep the table as a tensor without a gradient."""

    def __init__(self, num_embeddings, embedding_dim, padding_idx=None):
        super().__init__()
        if padding_idx is not None and padding_idx < 0:
            padding_idx += num_embeddings
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        self.weight = torch.randn(num_embeddings, embedding_dim)
        if padding_idx is not None:
            self.weight[padding_idx] = 0

    def forward(self, idx):
        """Look up."""
        return F.embedding(idx, self.weight, self.padding_idx)
