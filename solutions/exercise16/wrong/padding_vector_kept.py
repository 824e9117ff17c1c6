"""Your padding row is not zero if `vectors` has a vector for "<pad>".

Some files contain one. Padding should add nothing, so the row is zero whatever the file says: clear
it after the vectors are written.

Call your function with "<pad>" in both `words` and `vectors`.
"""

# caught by: padding

import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    """Clear the row first."""
    table = torch.randn(len(words), dim)
    pad = words.index("<pad>") if "<pad>" in words else None
    if pad is not None:
        table[pad] = 0
    for number, word in enumerate(words):
        if word in vectors:
            table[number] = vectors[word]
    return nn.Embedding.from_pretrained(table, freeze=frozen, padding_idx=pad)
