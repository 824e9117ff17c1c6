# fails: rows, padding_gradient, padding_output: a one-hot product makes every looked-up row nan when any row holds inf or nan
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
        hot = F.one_hot(idx, self.num_embeddings).to(self.weight.dtype)
        w = self.weight
        if self.padding_idx is not None:
            pad = torch.arange(self.num_embeddings, device=w.device) == self.padding_idx
            w = torch.where(pad[:, None], w.detach(), w)
        return hot @ w
