"""Your layer returns rows for ids that are too large.

With `% num_embeddings` or `clamp`, such an id silently gets the row of another id. Training
then continues with wrong inputs. PyTorch's layer stops with an error in the first batch, where
the cause is easy to find.

Try the id `num_embeddings`: your layer should raise an error.
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
