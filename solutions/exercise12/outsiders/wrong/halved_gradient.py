# fails: gradient, training: a hook averages the two gradients instead of summing them
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
        self.embedding.weight.register_hook(lambda grad: grad / 2)

    def forward(self, idx):
        return self.projection(self.embedding(idx))
