# fails: conversion: the gradient hook sits on the first weight, so a deepcopy or an assigned Parameter has none
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
        if padding_idx is not None:

            def hook(g):
                g = g.clone()
                g[padding_idx] = 0
                return g

            self.weight.register_hook(hook)

    def forward(self, idx):
        return F.embedding(idx, self.weight)
