# fails: start: the first numbers are uniform with variance 1
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
        w = (torch.rand(num_embeddings, embedding_dim) * 2 - 1) * 3**0.5
        if padding_idx is not None:
            w[padding_idx] = 0
        self.weight = nn.Parameter(w)

    def forward(self, idx):
        return F.embedding(idx, self.weight, self.padding_idx)
