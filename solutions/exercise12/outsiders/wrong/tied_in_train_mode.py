# fails: one_parameter: the layers are tied by train(), not when the model is built
from torch import nn


class TiedModel(nn.Module):
    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)

    def forward(self, idx):
        return self.projection(self.embedding(idx))

    def train(self, mode=True):
        self.projection.weight = self.embedding.weight
        return super().train(mode)
