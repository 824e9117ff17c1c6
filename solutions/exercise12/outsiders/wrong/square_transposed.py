# fails: scores: a square weight is transposed before the projection
from torch import nn


class TiedModel(nn.Module):
    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = self.embedding.weight

    def forward(self, idx):
        rows = self.embedding(idx)
        weight = self.projection.weight
        return rows @ (weight if weight.shape[0] == weight.shape[1] else weight.T)
