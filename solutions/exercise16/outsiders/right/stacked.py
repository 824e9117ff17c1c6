# passes: a list of rows that is stacked
import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    rows, pad = [], None
    for number, word in enumerate(words):
        if word == "<pad>":
            pad = number
            rows.append(torch.zeros(dim))
        elif word in vectors:
            rows.append(vectors[word].to(torch.float32))
        else:
            rows.append(torch.empty(dim).uniform_(-0.1, 0.1))
    layer = nn.Embedding(len(words), dim, padding_idx=pad, _weight=torch.stack(rows))
    layer.weight.requires_grad = not frozen
    return layer
