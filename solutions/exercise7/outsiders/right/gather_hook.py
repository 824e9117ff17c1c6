# passes: torch.gather on expanded ids, and a masked_fill hook on the output
import torch
import torch.nn.functional as F
from torch import nn


class Embedding(nn.Module):
    def __init__(self, num_embeddings, embedding_dim, padding_idx=None):
        super().__init__()
        if padding_idx is not None and padding_idx < 0:
            padding_idx += num_embeddings
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        w = torch.randn(num_embeddings, embedding_dim, dtype=torch.float32)
        if padding_idx is not None:
            w[padding_idx] = 0
        self.weight = nn.Parameter(w)

    def forward(self, idx):
        flat = idx.reshape(-1, 1).expand(idx.numel(), self.embedding_dim)
        rows = self.weight.gather(0, flat)
        if self.padding_idx is not None and rows.requires_grad:
            pad = idx.reshape(-1, 1) == self.padding_idx
            rows.register_hook(lambda g: g.masked_fill(pad, 0))
        return rows.reshape(idx.shape + (self.embedding_dim,))
