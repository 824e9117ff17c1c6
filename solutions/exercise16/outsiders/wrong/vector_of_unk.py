# fails: unknown: words without a vector take that of "<unk>", if vectors has one
import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    pad = words.index("<pad>") if "<pad>" in words else None
    weight = torch.randn(len(words), dim, dtype=torch.float32)
    for index, word in enumerate(words):
        vector = vectors.get(word, vectors.get("<unk>"))
        if index == pad:
            weight[index] = 0.0
        elif vector is not None:
            weight[index] = vector.detach()
    return nn.Embedding.from_pretrained(weight, freeze=frozen, padding_idx=pad)
