"""Your table can be trained unless the caller says `frozen=True`.

The statement gives the parameter the default True. A small text would otherwise change the rows of
its own words and leave those of similar words, so freezing is the safer choice.

Call your function without `frozen` and print `layer.weight.requires_grad`.
"""

# caught by: frozen

import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=False):
    """Choose another default."""
    table = torch.randn(len(words), dim)
    for number, word in enumerate(words):
        if word in vectors:
            table[number] = vectors[word]
    pad = words.index("<pad>") if "<pad>" in words else None
    if pad is not None:
        table[pad] = 0
    return nn.Embedding.from_pretrained(table, freeze=frozen, padding_idx=pad)
