# fails: unknown: random rows get the spread of the known numbers, which is nan for one number

import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    known = [vectors[w].detach().float() for w in words if w in vectors and w != "<pad>"]
    mean, std = 0.0, 1.0
    if known:
        numbers = torch.cat(known)
        mean, std = numbers.mean(), numbers.std()
    weight = torch.randn(len(words), dim, dtype=torch.float32) * std + mean
    pad = None
    for i, word in enumerate(words):
        if word == "<pad>":
            pad = i
            weight[i] = 0
        elif word in vectors:
            weight[i] = vectors[word].detach()
    return nn.Embedding.from_pretrained(weight, freeze=frozen, padding_idx=pad)
