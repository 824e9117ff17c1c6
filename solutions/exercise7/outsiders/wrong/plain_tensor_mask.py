# fails: conversion: the padding mask is a plain tensor that does not follow .to(device)
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
        self.keep = torch.ones(num_embeddings, 1, dtype=torch.bool)
        if padding_idx is not None:
            self.keep[padding_idx] = False

    def forward(self, idx):
        w = torch.where(self.keep, self.weight, self.weight.detach())
        return F.embedding(idx, w)
