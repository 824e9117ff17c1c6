# fails: unknown: the numbers depend on the word only
import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    table = torch.randn(len(words), dim)
    for number, word in enumerate(words):
        seed = torch.Generator().manual_seed(sum(map(ord, word)))
        table[number] = torch.randn(dim, generator=seed)
        if word in vectors:
            table[number] = vectors[word]
    pad = words.index("<pad>") if "<pad>" in words else None
    if pad is not None:
        table[pad] = 0
    return nn.Embedding.from_pretrained(table, freeze=frozen, padding_idx=pad)
