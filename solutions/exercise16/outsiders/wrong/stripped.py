# fails: known: spaces at the ends are dropped
import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    table = torch.randn(len(words), dim)
    vectors = {word.strip(): vector for word, vector in vectors.items()}
    for number, word in enumerate(words):
        if word.strip() in vectors:
            table[number] = vectors[word.strip()]
    pad = words.index("<pad>") if "<pad>" in words else None
    if pad is not None:
        table[pad] = 0
    return nn.Embedding.from_pretrained(table, freeze=frozen, padding_idx=pad)
