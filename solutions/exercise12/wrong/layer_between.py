"""Your model computes something between the embedding and the projection.

A hidden layer makes sense in a real model. But the statement asks for these two layers alone,
so that each score is the dot product of two rows of the weight.

Compare your scores with `model.embedding(idx) @ model.embedding.weight.T`.
"""

# caught by: scores

import torch
from torch import nn


class TiedModel(nn.Module):
    """Add a hidden layer."""

    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = self.embedding.weight
        self.hidden = nn.Linear(embedding_dim, embedding_dim)

    def forward(self, idx):
        """Return the scores."""
        return self.projection(torch.tanh(self.hidden(self.embedding(idx))))
