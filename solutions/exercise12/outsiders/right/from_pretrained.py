# passes: the embedding is made from random numbers with freeze=False
import torch
from torch import nn


class TiedModel(nn.Module):
    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        table = torch.randn(num_embeddings, embedding_dim)
        self.embedding = nn.Embedding.from_pretrained(table, freeze=False)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = self.embedding.weight

    def forward(self, idx):
        return self.projection(self.embedding(idx))
