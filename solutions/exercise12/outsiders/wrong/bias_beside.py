# fails: one_parameter, state_dict: a bias beside the projection is a second Parameter
import torch
from torch import nn


class TiedModel(nn.Module):
    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = self.embedding.weight
        self.offset = nn.Parameter(torch.zeros(num_embeddings))

    def forward(self, idx):
        return self.projection(self.embedding(idx)) + self.offset
