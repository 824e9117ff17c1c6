# fails: padding_gradient: a hook looks at the ids of the latest call, also for an earlier one

import torch
import torch.nn.functional as F
from torch import nn


class Embedding(nn.Module):
    def __init__(self, num_embeddings, embedding_dim, padding_idx=None):
        super().__init__()
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        if padding_idx is not None and padding_idx < 0:
            padding_idx += num_embeddings
        self.padding_idx = padding_idx
        self.register_buffer("last_idx", None, persistent=False)
        self.weight = nn.Parameter(torch.randn(num_embeddings, embedding_dim))
        if padding_idx is not None:
            with torch.no_grad():
                self.weight[padding_idx] = 0

    def _clear(self, grad):
        return grad.masked_fill((self.last_idx == self.padding_idx).unsqueeze(-1), 0)

    def forward(self, idx):
        self.last_idx = idx.clone()
        rows = F.embedding(idx, self.weight)
        if self.padding_idx is not None and rows.requires_grad:
            rows.register_hook(self._clear)
        return rows
