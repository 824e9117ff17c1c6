"""Your layer adds a bias to the rows.

`nn.Embedding` has no bias. Each row can already hold any numbers, so a bias added to all rows
lets the layer learn nothing new. It also adds a second name to your `state_dict()`, which
`nn.Embedding` does not know.

Try `list(layer.named_parameters())` on your layer and on PyTorch's, and compare.
"""

# caught by: parameter

import torch
from torch import nn
from torch.nn import functional as F


class Embedding(nn.Module):
    """Add a bias."""

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
        self.bias = nn.Parameter(torch.zeros(embedding_dim))

    def forward(self, idx):
        """Look up."""
        return F.embedding(idx, self.weight, self.padding_idx) + self.bias
