# fails: padding_gradient: the padding gradient is multiplied by 0, so an infinite gradient becomes nan
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
        out = F.embedding(idx, self.weight)
        if self.padding_idx is not None and out.requires_grad:
            keep = (idx != self.padding_idx).unsqueeze(-1)
            out.register_hook(lambda g: g * keep)
        return out
