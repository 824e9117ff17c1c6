import random

import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    source = random.SystemRandom()
    rows = []
    for word in words:
        if word == "<pad>":
            rows.append([0.0] * dim)
        elif word in vectors:
            rows.append(vectors[word].detach().to(torch.float32).tolist())
        else:
            rows.append([source.gauss(0, 0.5) for _ in range(dim)])
    layer = nn.Embedding(
        len(words),
        dim,
        padding_idx=words.index("<pad>") if "<pad>" in words else None,
        _weight=torch.tensor(rows, dtype=torch.float32).reshape(len(words), dim),
    )
    layer.weight.requires_grad_(not frozen)
    return layer
