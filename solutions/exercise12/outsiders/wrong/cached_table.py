# fails: scores, parts, gradient: models of the same size share one cached Parameter, so a new model does not get other random numbers
import copy
import math

import torch
from torch import nn
from torch.nn import functional as F

_TABLES = {}


class TiedModel(nn.Module):
    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        key = (num_embeddings, embedding_dim)
        self.embedding.weight = _TABLES.setdefault(key, self.embedding.weight)
        self.projection.weight = self.embedding.weight

    def forward(self, idx):
        return self.projection(self.embedding(idx))
