"""Your table is frozen, also with `frozen=False`.

Its weight requires no gradient then. `nn.Embedding.from_pretrained` freezes the table unless you
pass `freeze=False`; a new `nn.Embedding` is trained unless something freezes it. Only `frozen` may
decide.

Print `layer.weight.requires_grad` for both values of `frozen`.
"""

# caught by: frozen

import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    """Leave freeze at its default."""
    table = torch.randn(len(words), dim)
    for number, word in enumerate(words):
        if word in vectors:
            table[number] = vectors[word]
    pad = words.index("<pad>") if "<pad>" in words else None
    if pad is not None:
        table[pad] = 0
    return nn.Embedding.from_pretrained(table, padding_idx=pad)
