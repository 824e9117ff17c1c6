"""Your weight is a tensor like any other, and the layer knows nothing of it.

As an attribute it gives the right rows, and that is all: no optimiser is given it, no gradient
arrives, no file holds it, and `.to(...)` leaves it behind. What a layer is to look after has to
be entered in it, and `nn.Parameter` is what `nn.Module` enters when it is assigned.
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
