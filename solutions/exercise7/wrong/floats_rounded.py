"""Your layer accepts float ids and cuts off their fractions.

`.long()` converts other integer dtypes, but it also turns 1.9 into 1. PyTorch's layer rejects
float ids, so it notices when measurements are passed as ids by mistake. int64 and int32 ids
need no conversion.

Try `layer(torch.tensor([1.9]))`: it should raise an error.
"""

# caught by: bad_ids

import torch
from torch import nn
from torch.nn import functional as F


class Embedding(nn.Module):
    """Convert all ids to int64."""

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
        return F.embedding(idx.long(), self.weight, self.padding_idx)
