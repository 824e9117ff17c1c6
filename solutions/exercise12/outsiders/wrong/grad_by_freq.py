# fails: gradient, training: scale_grad_by_freq divides the lookup's gradient of a repeated id
import copy
import math

import torch
from torch import nn
from torch.nn import functional as F


class TiedModel(nn.Module):
    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim, scale_grad_by_freq=True)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = self.embedding.weight

    def forward(self, idx):
        return self.projection(self.embedding(idx))
