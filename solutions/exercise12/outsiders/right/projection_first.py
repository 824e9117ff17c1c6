# passes: the embedding gets the weight of the projection
from torch import nn


class TiedModel(nn.Module):
    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.embedding = nn.Embedding(num_embeddings, embedding_dim, _weight=self.projection.weight)
        self.embedding.weight = self.projection.weight

    def forward(self, idx):
        return self.projection(self.embedding(idx))
