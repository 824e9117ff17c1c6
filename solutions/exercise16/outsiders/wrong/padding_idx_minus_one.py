# fails: padding: without <pad>, the last row is padding
import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    table = torch.randn(len(words), dim)
    for number, word in enumerate(words):
        if word in vectors:
            table[number] = vectors[word]
    pad = words.index("<pad>") if "<pad>" in words else -1
    if "<pad>" in words:
        table[pad] = 0
    return nn.Embedding.from_pretrained(table, freeze=frozen, padding_idx=pad)
