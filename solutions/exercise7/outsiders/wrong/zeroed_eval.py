# fails: padding_output: in eval mode the padding row is returned as zeros
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
        self.weight = nn.Parameter(w)

    def forward(self, idx):
        out = F.embedding(idx, self.weight, self.padding_idx)
        return (
            out
            if self.training or self.padding_idx is None
            else out.masked_fill((idx == self.padding_idx).unsqueeze(-1), 0)
        )
