# passes: a subclass of nn.Embedding
import torch
from torch import nn


class Table(nn.Embedding):
    def __init__(self, words, vectors, dim, frozen):
        ids = dict(zip(words, range(len(words)), strict=True))
        super().__init__(len(words), dim, padding_idx=ids.get("<pad>"))
        self.ids = ids
        weight = self.weight.data
        for word in ids.keys() & vectors.keys() - {"<pad>"}:
            weight[ids[word]] = vectors[word]
        self.weight.requires_grad = not frozen


def pretrained(words, vectors, dim, frozen=True):
    return Table(words, vectors, dim, frozen)
