# passes: the ids are flattened, both layers run on the flat ids, and the scores get the shape back
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
        flat = idx.reshape(idx.numel())
        scores = self.projection(self.embedding(flat))
        return scores.reshape(*idx.shape, self.projection.out_features)
