"""Your padding row gets no gradient, but it starts with random numbers and keeps them.

The `padding_idx` of `F.embedding` affects only the gradient; the function cannot know how you
made the table. Setting the row to zero is the job of your `__init__`.

Print `layer.weight[padding_idx]` right after you build the layer.
"""

# caught by: padding_start

import torch
from torch import nn
from torch.nn import functional as F


class Embedding(nn.Module):
    """Leave the padding row random."""

    def __init__(self, num_embeddings, embedding_dim, padding_idx=None):
        super().__init__()
        if padding_idx is not None and padding_idx < 0:
            padding_idx += num_embeddings
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        self.weight = nn.Parameter(torch.randn(num_embeddings, embedding_dim))

    def forward(self, idx):
        """Look up."""
        return F.embedding(idx, self.weight, self.padding_idx)
