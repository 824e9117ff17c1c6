# passes: each id is a bag of one id
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
        if idx.is_floating_point():
            raise TypeError("ids must be whole numbers")
        flat = idx.reshape(-1, 1)
        if not len(flat):
            return self.weight[idx]
        rows = F.embedding_bag(flat, self.weight, mode="sum").reshape(*idx.shape, -1)
        if self.padding_idx is None:
            return rows
        return torch.where((idx == self.padding_idx)[..., None], rows.detach(), rows)
