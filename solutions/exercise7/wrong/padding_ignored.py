"""`padding_idx` has no effect on the weight of your layer, or on its gradient.

The argument promises two things: the row starts as zeros, and it gets no gradient. Storing the
number does neither.

Build the layer with `padding_idx=1` and print `layer.weight`. Look up id 1, call backward, and
print `layer.weight.grad`.
"""

# caught by: padding_start

import torch
from torch import nn
from torch.nn import functional as F


class Embedding(nn.Module):
    """Only store padding_idx."""

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
        return F.embedding(idx, self.weight)
