# fails: stays_tied: load_state_dict puts a new Parameter into the projection, which unties it
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
        return self.projection(self.embedding(idx))

    def load_state_dict(self, state, strict=True, assign=False):
        result = super().load_state_dict(state, strict=strict, assign=assign)
        self.projection.weight = nn.Parameter(state["projection.weight"].detach().clone())
        return result
