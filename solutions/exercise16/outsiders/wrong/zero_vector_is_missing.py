# fails: dtype: a vector of zeros counts as missing

import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    pad = words.index("<pad>") if "<pad>" in words else None
    weight = torch.zeros(len(words), dim, dtype=torch.float32)
    for word, vector in vectors.items():
        if word in words:
            weight[words.index(word)] = vector.detach().float()
    if pad is not None:
        weight[pad] = 0
    for i in range(len(words)):
        if i != pad and not weight[i].any():  # still empty
            weight[i].normal_()
    return nn.Embedding.from_pretrained(weight, freeze=frozen, padding_idx=pad)
