# fails: state_dict: the padding mask is a persistent buffer, so the state dict has an extra key
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
        mask = torch.zeros(num_embeddings, dtype=torch.bool)
        if padding_idx is not None:
            mask[padding_idx] = True
        self.register_buffer("pad_mask", mask)

    def forward(self, idx):
        rows = F.embedding(idx, self.weight)
        return torch.where(self.pad_mask[idx].unsqueeze(-1), rows.detach(), rows)
