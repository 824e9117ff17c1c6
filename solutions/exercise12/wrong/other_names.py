"""Your two layers have other names than `embedding` and `projection`.

The names of the attributes are what others go by: a saved state has them in it, and so has
every line that ties, freezes or replaces one of the layers.
"""

# caught by: parts

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
