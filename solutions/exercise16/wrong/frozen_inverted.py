"""Your table is frozen if `frozen` is False, and can be trained if `frozen` is True.

Somewhere the two are exchanged. `freeze` of `from_pretrained` means the same as `frozen`, but
`requires_grad` means the opposite: a frozen weight requires no gradient.

Print `layer.weight.requires_grad` for both values of `frozen`.
"""

# caught by: frozen

import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    """Exchange the two."""
    table = torch.randn(len(words), dim)
    for number, word in enumerate(words):
        if word in vectors:
            table[number] = vectors[word]
    pad = words.index("<pad>") if "<pad>" in words else None
    if pad is not None:
        table[pad] = 0
    return nn.Embedding.from_pretrained(table, freeze=not frozen, padding_idx=pad)
