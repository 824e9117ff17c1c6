# fails: scores, any_shape, gradient, stays_tied: eval mode returns a softmax of the scores
import torch
import torch.nn.functional as F


from torch import nn


class TiedModel(nn.Module):
    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = self.embedding.weight

    def forward(self, idx):
        out = self.projection(self.embedding(idx))
        return out if self.training else out.softmax(-1)
