"""Your rows are in the order of `vectors`, not in that of `words`.

A file of vectors has an order of its own, often by frequency. An id is a place in `words`, so row i
must be the vector of `words[i]`. A wrong order raises no error: the model reads other words.

Print `list(vectors)` and `words`, and look up the first word.
"""

# caught by: known

import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    """Take the vectors one after the other."""
    table = torch.randn(len(words), dim)
    for number, vector in enumerate(list(vectors.values())[: len(words)]):
        table[number] = vector
    pad = words.index("<pad>") if "<pad>" in words else None
    if pad is not None:
        table[pad] = 0
    return nn.Embedding.from_pretrained(table, freeze=frozen, padding_idx=pad)
