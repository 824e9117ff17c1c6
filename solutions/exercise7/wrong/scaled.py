"""Your layer multiplies the rows by the square root of embedding_dim.

The Transformer scales its embeddings this way, but in the model, not in the embedding layer.
`nn.Embedding` returns its rows unchanged. Scaled rows also get scaled gradients, so training
differs too.

Compare `layer(torch.tensor([0]))` with `layer.weight[0]`.
"""

# caught by: rows

import torch
from torch import nn
from torch.nn import functional as F


class Embedding(nn.Module):
    """Scale the rows as the Transformer does."""

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
        return F.embedding(idx, self.weight, self.padding_idx) * self.embedding_dim**0.5
