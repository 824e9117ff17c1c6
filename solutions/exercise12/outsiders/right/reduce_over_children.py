import functools

from torch import nn


class TiedModel(nn.Module):
    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        sizes = {"num_embeddings": num_embeddings, "embedding_dim": embedding_dim}
        self.add_module("embedding", nn.Embedding(**sizes))
        self.add_module("projection", nn.Linear(*reversed(sizes.values()), bias=False))
        del self.projection.weight
        self.projection.register_parameter("weight", self.embedding.weight)

    def forward(self, idx):
        return functools.reduce(lambda value, layer: layer(value), self.children(), idx)
