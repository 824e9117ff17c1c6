# fails: stays_tied: the own __deepcopy__ copies the two layers separately, so the copy is untied
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

    def __deepcopy__(self, memo):
        new = TiedModel(self.embedding.num_embeddings, self.embedding.embedding_dim)
        new.embedding = copy.deepcopy(self.embedding)
        new.projection = copy.deepcopy(self.projection)
        new.train(self.training)
        return new
