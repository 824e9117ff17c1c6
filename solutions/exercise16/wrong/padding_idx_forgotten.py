"""Your padding row is zero, but the layer does not know that it is padding.

Without `padding_idx`, the row gets a gradient like any other, and the first step of training moves
it away from zero.

Print `layer.padding_idx`.
"""

# caught by: padding

import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    """Clear the row only."""
    table = torch.randn(len(words), dim)
    for number, word in enumerate(words):
        if word in vectors:
            table[number] = vectors[word]
    if "<pad>" in words:
        table[words.index("<pad>")] = 0
    return nn.Embedding.from_pretrained(table, freeze=frozen)
