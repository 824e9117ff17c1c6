# fails: layer: the frozen weight is no Parameter
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
    if frozen:
        weight = layer.weight.detach()
        del layer.weight
        layer.register_buffer("weight", weight)
    return layer
