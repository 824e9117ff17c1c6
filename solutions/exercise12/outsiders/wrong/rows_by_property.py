# fails: parts: the embedding is a module of its own that reads the projection's weight
from torch import nn


class Rows(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.layers = [layer]

    def forward(self, idx):
        return self.layers[0].weight[idx]

    @property
    def weight(self):
        return self.layers[0].weight


class TiedModel(nn.Module):
    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.embedding = Rows(self.projection)

    def forward(self, idx):
        return self.projection(self.embedding(idx))
