"""Your model has a layer of its own between the two.

A hidden layer makes sense in a real model, and is needed where the vectors have another length
than the embedding's. Asked for are the two layers alone, with the one weight.
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
