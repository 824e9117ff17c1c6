"""Your layer returns rows for ids that do not exist.

`% num_embeddings` and `clamp` give an id that is too large the row of another id, and plain
indexing gives a negative id a row from the end. Training then continues with wrong inputs.
PyTorch's layer stops with an error in the first batch, where the cause is easy to find.

Try the ids `num_embeddings` and -1: your layer should raise an error for each.
"""

# caught by: bad_ids

import torch
from torch import nn
from torch.nn import functional as F


class Embedding(nn.Module):
    """Wrap ids that are too large."""

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
        if not idx.is_floating_point():
            idx = idx % self.num_embeddings
        return F.embedding(idx, self.weight, self.padding_idx)
