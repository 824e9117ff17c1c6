# fails: scores, parts: all models share one weight
from torch import nn

WEIGHTS = {}


class TiedModel(nn.Module):
    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = self.embedding.weight
        size = num_embeddings, embedding_dim
        self.embedding.weight = WEIGHTS.setdefault(size, self.embedding.weight)
        self.projection.weight = self.embedding.weight

    def forward(self, idx):
        return self.projection(self.embedding(idx))
