"""Your weight is a buffer: it is saved and moved with the layer, but never trained.

`register_buffer` is for tensors that a layer keeps but does not learn, such as running means.
The rows of an embedding are weights: they start as random numbers, and training gives them
their meaning.

Print `list(layer.parameters())`: these are the tensors that an optimizer gets.
"""

# caught by: parameter

import torch
from torch import nn
from torch.nn import functional as F


class Embedding(nn.Module):
    """Register the table as a buffer."""

    def __init__(self, num_embeddings, embedding_dim, padding_idx=None):
        super().__init__()
        if padding_idx is not None and padding_idx < 0:
            padding_idx += num_embeddings
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        self.register_buffer("weight", torch.randn(num_embeddings, embedding_dim))
        if padding_idx is not None:
            with torch.no_grad():
                self.weight[padding_idx] = 0

    def forward(self, idx):
        """Look up."""
        return F.embedding(idx, self.weight, self.padding_idx)
