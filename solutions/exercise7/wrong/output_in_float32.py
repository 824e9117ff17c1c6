"""Your layer returns float32 even after you convert it to another dtype.

`.float()`, or any fixed dtype in `forward`, undoes what `.to(...)` did to the weight. A lookup
copies numbers and does not need to convert them, so the output has the dtype of the weight.

Try `layer.double()(idx).dtype`.
"""

# caught by: conversion

import torch
from torch import nn
from torch.nn import functional as F


class Embedding(nn.Module):
    """Return float32."""

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
        return F.embedding(idx, self.weight, self.padding_idx).float()
