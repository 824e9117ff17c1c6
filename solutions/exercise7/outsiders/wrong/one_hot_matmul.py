# fails: rows: a product with a one-hot matrix spreads nan from rows that no id names
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
        if idx.is_floating_point() or (
            idx.numel() and not 0 <= idx.min() <= idx.max() < self.num_embeddings
        ):
            raise IndexError("ids must be int64, from 0 to num_embeddings - 1")
        table = self.weight
        if self.padding_idx is not None:
            table = table.clone()
            table[self.padding_idx] = self.weight[self.padding_idx].detach()
        return F.one_hot(idx, self.num_embeddings).to(table.dtype) @ table
