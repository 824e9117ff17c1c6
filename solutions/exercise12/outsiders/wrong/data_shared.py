# fails: one_parameter, gradient, stays_tied: only the storage is shared (.data); the two Parameters are different objects and drift apart after a conversion
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
        self.projection.weight.data = self.embedding.weight.data

    def forward(self, idx):
        return self.projection(self.embedding(idx))
