"""Your code adds the missing words to the caller's `vectors`.

`setdefault` and `vectors[word] = ...` change the dictionary itself. The next call then finds
vectors for these words, and they are no longer random. Write random numbers into the table.

Print `len(vectors)` before and after the call.
"""

# caught by: unknown

import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    """Give each word an entry, and take only the new ones from a fresh draw."""
    table = torch.randn(len(words), dim)
    for number, word in enumerate(words):
        if word in vectors:
            table[number] = vectors[word]
    pad = words.index("<pad>") if "<pad>" in words else None
    if pad is not None:
        table[pad] = 0
    for number, word in enumerate(words):
        vectors.setdefault(word, table[number].clone())
    return nn.Embedding.from_pretrained(table, freeze=frozen, padding_idx=pad)
