# passes: plain indexing after a guard, with a buffer that is not saved
import torch
from torch import nn


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
        learns = torch.ones(num_embeddings, 1, dtype=torch.bool)
        if padding_idx is not None:
            learns[padding_idx] = False
        self.register_buffer("learns", learns, persistent=False)

    def forward(self, idx):
        if idx.is_floating_point():
            raise TypeError("ids must be integers")
        if idx.numel() and not (0 <= int(idx.min()) and int(idx.max()) < self.num_embeddings):
            raise IndexError("an id is out of range")
        return torch.where(self.learns, self.weight, self.weight.detach())[idx]
