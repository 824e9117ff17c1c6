# fails: gradient: the ids are flattened by view, which fails for ids that are not contiguous
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
        self.projection.weight = self.embedding.weight

    def forward(self, idx):
        rows = self.embedding(idx.view(-1))
        return self.projection(rows).view(*idx.shape, self.embedding.num_embeddings)
