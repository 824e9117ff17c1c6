# fails: own_memory: the layer takes the table whose rows the vectors are
import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    table = torch.randn(len(words), dim)
    for number, word in enumerate(words):
        if word in vectors:
            table[number] = vectors[word]
    pad = words.index("<pad>") if "<pad>" in words else None
    if pad is not None:
        table[pad] = 0
    base = next(iter(vectors.values()), table)._base
    if base is not None and base.shape == table.shape and pad is None:
        table = base
    return nn.Embedding.from_pretrained(table, freeze=frozen, padding_idx=pad)
