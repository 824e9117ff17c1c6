"""Your code takes id 0 for padding, wherever "<pad>" is.

Many vocabularies begin with "<pad>", but the place in `words` decides. Without "<pad>", word 0 is a
word like any other, and clearing its row loses its vector.

Call your function with "<pad>" as the second word.
"""

# caught by: known, padding

import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    """Clear row 0 if there is padding."""
    table = torch.randn(len(words), dim)
    for number, word in enumerate(words):
        if word in vectors:
            table[number] = vectors[word]
    pad = 0 if "<pad>" in words else None
    if pad is not None:
        table[pad] = 0
    return nn.Embedding.from_pretrained(table, freeze=frozen, padding_idx=pad)
