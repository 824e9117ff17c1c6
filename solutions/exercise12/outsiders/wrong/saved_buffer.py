# fails: state_dict: a buffer of positions is saved with the weight
import torch
from torch import nn


class TiedModel(nn.Module):
    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = self.embedding.weight
        self.register_buffer("place", torch.arange(embedding_dim))

    def forward(self, idx):
        return self.projection(self.embedding(idx))
