# fails: padding_output: register_hook raises under torch.no_grad() and for a frozen weight
import torch
import torch.nn.functional as F
from torch import Tensor, nn


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
            nn.init.zeros_(self.weight[padding_idx])

    def forward(self, idx):
        rows = F.embedding(idx, self.weight)
        if self.padding_idx is not None:
            is_padding = (idx == self.padding_idx).unsqueeze(-1)
            rows.register_hook(lambda grad: grad.masked_fill(is_padding, 0.0))
        return rows
