# passes: one fresh random Parameter is registered in both layers by name
import copy
import math

import torch
from torch import nn
from torch.nn import functional as F


class TiedModel(nn.Module):
    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        table = nn.Parameter(torch.randn(num_embeddings, embedding_dim))
        for layer in (self.embedding, self.projection):
            layer.register_parameter("weight", table)

    def forward(self, idx):
        return self.projection(self.embedding(idx))
