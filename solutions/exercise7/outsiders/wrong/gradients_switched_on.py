# fails: padding_start: the constructor leaves autograd switched on under torch.no_grad()

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
        torch.set_grad_enabled(False)
        if padding_idx is not None:
            self.weight[padding_idx] = 0
        torch.set_grad_enabled(True)

    def forward(self, idx):
        return F.embedding(idx, self.weight, self.padding_idx)
