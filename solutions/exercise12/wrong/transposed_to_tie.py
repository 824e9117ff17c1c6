"""Your model transposes the weight to tie it, and no transpose is needed.

Given the same numbers, the two layers store each other's transpose. Here they are given in
opposite order: `nn.Linear(dim, num)` stores (out, in) = (num, dim), just as `nn.Embedding(num,
dim)` does. PyTorch takes a Parameter of any shape without a word, and the mistake shows in the
first forward pass.
"""

# caught by: scores

from torch import nn


class TiedModel(nn.Module):
    """Transpose the weight."""

    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = nn.Parameter(self.embedding.weight.T)

    def forward(self, idx):
        """Return the scores."""
        return self.projection(self.embedding(idx))
