# fails: scores: computes the scores in float32

import torch.nn.functional as F
from torch import nn


class TiedModel(nn.Module):
    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = self.embedding.weight

    def forward(self, idx):
        vectors = self.embedding(idx)
        scores = F.linear(vectors.float(), self.projection.weight.float())
        return scores.to(vectors.dtype)
