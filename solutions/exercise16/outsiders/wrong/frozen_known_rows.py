# fails: frozen: only words without a vector are trained
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
    layer = nn.Embedding.from_pretrained(table, freeze=frozen, padding_idx=pad)
    known = torch.tensor([float(word not in vectors) for word in words]).unsqueeze(1)
    if not frozen:
        layer.weight.register_hook(lambda g: g * known)
    return layer
