# fails: start: the first numbers are cut at -2 and 2
import torch
import torch.nn.functional as F


from torch import nn


class Embedding(nn.Module):
    def __init__(self, num_embeddings, embedding_dim, padding_idx=None):
        super().__init__()
        if padding_idx is not None and padding_idx < 0:
            padding_idx += num_embeddings
        self.num_embeddings, self.embedding_dim, self.padding_idx = (
            num_embeddings,
            embedding_dim,
            padding_idx,
        )
        w = torch.randn(num_embeddings, embedding_dim)
        if padding_idx is not None:
            w[padding_idx] = 0
        self.weight = nn.Parameter(w.clamp(-2, 2))

    def forward(self, idx):
        return F.embedding(idx, self.weight, self.padding_idx)
