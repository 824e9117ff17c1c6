"""Your table is frozen, also with `frozen=False`.

`nn.Embedding.from_pretrained` freezes the table by default: its weight requires no gradient. Pass
`freeze=frozen`.

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
