"""Your class has no method `named_parameters`, so it is no `nn.Module`.

`nn.Module` gives a layer `parameters()`, `state_dict()`, `to()` and `train()`, and it calls your
`forward`. A class that defines `__call__` can look up rows, but optimizers and other code that
works with layers cannot use it. Derive your class from `nn.Module`.

Print `isinstance(layer, torch.nn.Module)`.
"""

# caught by: rows

import torch


class Embedding:
    """A plain class."""

    def __init__(self, num_embeddings, embedding_dim, padding_idx=None):
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        self.weight = torch.randn(num_embeddings, embedding_dim)

    def __call__(self, idx):
        """Look up."""
        return self.weight[idx]
