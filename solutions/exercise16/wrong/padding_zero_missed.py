"""Your code treats "<pad>" as a word if its id is 0.

`if pad:` is false for None and for 0, but 0 is the most frequent id of padding. Compare with None:
`if pad is not None`.

Call your function with "<pad>" as the first word.
"""

# caught by: padding

import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    """Take 0 as no padding."""
    table = torch.randn(len(words), dim)
    for number, word in enumerate(words):
        if word in vectors:
            table[number] = vectors[word]
    pad = words.index("<pad>") if "<pad>" in words else None
    if pad:
        table[pad] = 0
    return nn.Embedding.from_pretrained(table, freeze=frozen, padding_idx=pad)
