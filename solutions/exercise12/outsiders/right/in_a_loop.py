# passes: add_module and setattr in a loop
from torch import nn


class TiedModel(nn.Module):
    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        layers = [
            nn.Embedding(num_embeddings, embedding_dim),
            nn.Linear(embedding_dim, num_embeddings, False),
        ]
        for name, layer in zip(("embedding", "projection"), layers):
            self.add_module(name, layer)
            layer.weight = layers[0].weight

    def forward(self, idx):
        return self.projection(self.embedding(idx))
