# fails: one_parameter, gradient, training, stays_tied: the projection has a Parameter of its own that is refreshed from the table in each forward
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
        self._sync()

    def forward(self, idx):
        self._sync()
        return self.projection(self.embedding(idx))

    @torch.no_grad()
    def _sync(self):
        self.projection.weight.data = self.embedding.weight.data.clone()
