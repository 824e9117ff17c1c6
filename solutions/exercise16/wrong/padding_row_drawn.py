"""The row of "<pad>" holds random numbers.

You draw numbers for each word that has no vector, so also for "<pad>". `from_pretrained` does not
set the row `padding_idx` to zero; it only keeps its gradient away. Set the row to zero yourself.

Print `layer.weight[layer.padding_idx]`.
"""

# caught by: padding

import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    """Draw a row for each word without a vector."""
    rows = [vectors[word].float() if word in vectors else torch.randn(dim) for word in words]
    pad = words.index("<pad>") if "<pad>" in words else None
    return nn.Embedding.from_pretrained(torch.stack(rows), freeze=frozen, padding_idx=pad)
