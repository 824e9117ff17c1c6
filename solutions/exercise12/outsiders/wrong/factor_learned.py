# fails: one_parameter, state_dict: a factor that starts at 1 is a second Parameter
import torch
from torch import nn


class TiedModel(nn.Module):
    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = self.embedding.weight
        self.factor = nn.Parameter(torch.tensor(1.0))

    def forward(self, idx):
        return self.projection(self.embedding(idx)) * self.factor
