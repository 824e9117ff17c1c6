# passes: a new layer whose rows are copied
import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    places = {word: number for number, word in enumerate(words)}
    layer = nn.Embedding(len(words), dim, padding_idx=places.get("<pad>"))
    with torch.no_grad():
        for word, vector in vectors.items():
            if word in places and word != "<pad>":
                layer.weight[places[word]].copy_(vector)
    layer.weight.requires_grad_(not frozen)
    return layer
