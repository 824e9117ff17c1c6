# fails: scores, any_shape, one_parameter, gradient, training, stays_tied, state_dict: the looked-up rows are scaled by sqrt(dim) as in Transformers
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
        self.scale = math.sqrt(embedding_dim)

    def forward(self, idx):
        return self.projection(self.embedding(idx) * self.scale)
