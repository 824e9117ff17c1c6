# passes: ids are checked by hand, and a bad one raises ValueError
import torch
from torch import nn
from torch.nn import functional as F


class Embedding(nn.Module):
    def __init__(self, num_embeddings, embedding_dim, padding_idx=None):
        super().__init__()
        if padding_idx is not None and padding_idx < 0:
            padding_idx = num_embeddings + padding_idx
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        table = torch.randn(num_embeddings, embedding_dim)
        if padding_idx is not None:
            table[padding_idx] = 0
        self.weight = nn.Parameter(table)

    def forward(self, idx):
        if idx.dtype.is_floating_point:
            raise TypeError("ids must be int64")
        if ((idx < 0) | (idx >= self.num_embeddings)).any():
            raise ValueError("ids must be from 0 to num_embeddings - 1")
        return F.embedding(idx, self.weight, self.padding_idx)
