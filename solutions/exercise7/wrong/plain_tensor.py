"""Your weight is a plain tensor, so `nn.Module` does not know that it should be trained.

`requires_grad=True` lets gradients arrive. But an optimizer asks for `layer.parameters()`, a
file gets `layer.state_dict()`, and `.to(...)` converts only what the module has registered. When
you assign a tensor, `nn.Module` registers an `nn.Parameter`, but not a plain tensor.

Print `list(layer.named_parameters())`: your table should be there.
"""

# caught by: parameter

import torch
from torch import nn
from torch.nn import functional as F


class Embedding(nn.Module):
    """Keep the table as a plain tensor."""

    def __init__(self, num_embeddings, embedding_dim, padding_idx=None):
        super().__init__()
        if padding_idx is not None and padding_idx < 0:
            padding_idx += num_embeddings
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        self.weight = torch.randn(num_embeddings, embedding_dim, requires_grad=True)
        if padding_idx is not None:
            with torch.no_grad():
                self.weight[padding_idx] = 0

    def forward(self, idx):
        """Look up."""
        return F.embedding(idx, self.weight, self.padding_idx)
