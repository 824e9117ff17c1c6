# fails: state_dict: a registered buffer adds a third name to the state_dict
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
        self.register_buffer("num_ids", torch.tensor(num_embeddings))

    def forward(self, idx):
        return self.projection(self.embedding(idx))
