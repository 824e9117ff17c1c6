# fails: gradient: a hook clamps the gradient of the weight
import torch
import torch.nn.functional as F


from torch import nn


class TiedModel(nn.Module):
    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = self.embedding.weight
        self.embedding.weight.register_hook(lambda g: g.clamp(-1, 1))

    def forward(self, idx):
        return self.projection(self.embedding(idx))
