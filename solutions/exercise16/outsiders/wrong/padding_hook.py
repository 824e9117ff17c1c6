# fails: padding: the gradient of the padding row is doubled
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
    layer.padding_idx = None
    if not frozen and pad is not None:
        layer.weight.register_hook(lambda g: g.clone().index_fill_(0, torch.tensor([pad]), 0))
    return layer
