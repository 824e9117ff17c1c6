# fails: combinations: compares ids with the padding in the dtype of the weight

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
        pads = torch.tensor([] if padding_idx is None else [float(padding_idx)])
        self.register_buffer("pads", pads, persistent=False)
        if padding_idx is not None:
            self.weight.data[padding_idx] = 0

    def forward(self, idx):
        rows = F.embedding(idx, self.weight)
        for pad in self.pads:  # converted together with the weight
            hit = (idx.to(pad.dtype) == pad).unsqueeze(-1)
            rows = torch.where(hit, rows.detach(), rows)
        return rows
