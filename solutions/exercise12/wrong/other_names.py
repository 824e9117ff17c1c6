"""Your model has no layer called `embedding`.

The statement asks for two layers, `embedding` and `projection`. Other code relies on these
names: a saved state contains them, and so does code that ties, freezes or replaces a layer.

Print your model: it lists its layers with their names.
"""

# caught by: scores

from torch import nn


class TiedModel(nn.Module):
    """Choose other names."""

    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.emb = nn.Embedding(num_embeddings, embedding_dim)
        self.out = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.out.weight = self.emb.weight

    def forward(self, idx):
        """Return the scores."""
        return self.out(self.emb(idx))
