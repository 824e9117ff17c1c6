# fails: padding_gradient: cuts the gradient of every row of zeros

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
        self.weight = nn.Parameter(torch.randn(num_embeddings, embedding_dim))
        if padding_idx is not None:
            with torch.no_grad():
                self.weight[padding_idx] = 0

    def forward(self, idx):
        rows = F.embedding(idx, self.weight, self.padding_idx)
        if self.padding_idx is not None:
            padding = (rows == 0).all(-1, keepdim=True)
            rows = torch.where(padding, rows.detach(), rows)
        return rows
