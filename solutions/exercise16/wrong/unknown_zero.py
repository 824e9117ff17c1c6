"""Words without a vector all have rows of zeros.

Then the model cannot tell them from each other or from padding. Random numbers make them different
from the start, as in a new `nn.Embedding`.

Look up two words that are not in `vectors`.
"""

# caught by: unknown

import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    """Start with zeros."""
    table = torch.zeros(len(words), dim)
    for number, word in enumerate(words):
        if word in vectors:
            table[number] = vectors[word]
    pad = words.index("<pad>") if "<pad>" in words else None
    if pad is not None:
        table[pad] = 0
    return nn.Embedding.from_pretrained(table, freeze=frozen, padding_idx=pad)
