# fails: one_parameter, stays_tied: the layers are tied in forward, not when the model is built
import torch
import torch.nn.functional as F


from torch import nn


class TiedModel(nn.Module):
    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        pass

    def forward(self, idx):
        self.projection.weight = self.embedding.weight
        return self.projection(self.embedding(idx))
