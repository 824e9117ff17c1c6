# fails: dtype: max_norm rescales long rows at the first lookup

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
    return nn.Embedding.from_pretrained(weight, freeze=frozen, padding_idx=pad, max_norm=20.0)
