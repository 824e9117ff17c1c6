# fails: frozen: a hook zeroes the gradient, but the table still gets one, and weight decay moves it

import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    pad = words.index("<pad>") if "<pad>" in words else None
    weight = torch.randn(len(words), dim, dtype=torch.float32)
    for i, word in enumerate(words):
        if i == pad:
            weight[i] = 0
        elif word in vectors:
            weight[i] = vectors[word].detach()
    layer = nn.Embedding(len(words), dim, padding_idx=pad, _weight=weight)
    if frozen:
        layer.weight.register_hook(torch.zeros_like)
    return layer
