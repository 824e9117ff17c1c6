"""Your code sorts the words, so the rows are in alphabetical order.

An id is the place of a word in the list that the caller passes. Sorting gives most words another
id, and a set has no order at all.

Call your function with the words ["b", "a"] and look at row 0.
"""

# caught by: known

import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    """Sort the vocabulary."""
    table = torch.randn(len(words), dim)
    for number, word in enumerate(sorted(words)):
        if word in vectors:
            table[number] = vectors[word]
    pad = words.index("<pad>") if "<pad>" in words else None
    if pad is not None:
        table[pad] = 0
    return nn.Embedding.from_pretrained(table, freeze=frozen, padding_idx=pad)
