# fails: own_memory: torch's default dtype is float32 afterwards, whatever it was before
import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    torch.set_default_dtype(torch.float32)
    pad = words.index("<pad>") if "<pad>" in words else None
    layer = nn.Embedding(len(words), dim, padding_idx=pad)
    with torch.no_grad():
        for word in set(words) & set(vectors) - {"<pad>"}:
            layer.weight[words.index(word)] = vectors[word]
    return layer.requires_grad_(not frozen)
