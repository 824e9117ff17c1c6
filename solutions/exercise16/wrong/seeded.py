"""Words without a vector have the same random numbers in each call.

A seed inside the function starts the random numbers again each time, so no two models start
differently, and the caller's own seed has no effect. Leave seeding to the program.

Call your function twice and compare the rows.
"""

# caught by: unknown

import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    """Use a fixed seed."""
    table = torch.randn(len(words), dim, generator=torch.Generator().manual_seed(0))
    for number, word in enumerate(words):
        if word in vectors:
            table[number] = vectors[word]
    pad = words.index("<pad>") if "<pad>" in words else None
    if pad is not None:
        table[pad] = 0
    return nn.Embedding.from_pretrained(table, freeze=frozen, padding_idx=pad)
