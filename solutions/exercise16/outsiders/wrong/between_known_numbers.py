# fails: unknown: uniform numbers between the smallest and the largest known number are constant if these are equal

import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    low, high = -1.0, 1.0
    used = [vectors[w].detach().float() for w in words if w in vectors]
    if used and dim:
        low = min(v.min().item() for v in used)
        high = max(v.max().item() for v in used)
    weight = low + (high - low) * torch.rand(len(words), dim, dtype=torch.float32)
    pad = None
    for i, word in enumerate(words):
        if word == "<pad>":
            pad = i
            weight[i] = 0
        elif word in vectors:
            weight[i] = vectors[word].detach()
    return nn.Embedding.from_pretrained(weight, freeze=frozen, padding_idx=pad)
