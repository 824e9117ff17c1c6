import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    place = {word: i for i, word in enumerate(words)}
    layer = nn.Embedding(len(words), dim, place.get("<pad>"), dtype=torch.float32)
    rows = []
    for word in words:
        row = torch.empty(1, dim, dtype=torch.float32).uniform_(-0.25, 0.25)
        if word in vectors:
            row = vectors[word].detach().float()[None]
        if word == "<pad>":
            row = row.new_zeros(1, dim)
        rows.append(row)
    layer.load_state_dict({"weight": torch.cat(rows)})
    for parameter in layer.parameters():
        parameter.requires_grad = not frozen
    return layer
