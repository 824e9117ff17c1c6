# fails: combinations: without ids, the result is float32, whatever the weight is
import torch
from torch import nn
from torch.nn import functional as F


class Embedding(nn.Module):
    def __init__(self, num_embeddings, embedding_dim, padding_idx=None):
        super().__init__()
        if padding_idx is not None and padding_idx < 0:
            padding_idx += num_embeddings
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        self.weight = nn.Parameter(torch.randn(num_embeddings, embedding_dim))
        if padding_idx is not None:
            self.weight.data[padding_idx] = 0

    def forward(self, idx):
        if idx.numel() == 0:
            nothing = torch.zeros(*idx.shape, self.embedding_dim, device=self.weight.device)
            return nothing + self.weight[:0].float().sum()
        return F.embedding(idx, self.weight, self.padding_idx)
