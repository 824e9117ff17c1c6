# passes: a Sequential with two named layers, tied after construction
from collections import OrderedDict

from torch import nn


class TiedModel(nn.Sequential):
    def __init__(self, num_embeddings, embedding_dim):
        look = nn.Embedding(num_embeddings, embedding_dim)
        score = nn.Linear(embedding_dim, num_embeddings, bias=False)
        score.weight = look.weight
        super().__init__(OrderedDict(embedding=look, projection=score))

    def forward(self, idx):
        return super().forward(idx)
