# passes: a state dict with the table
import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    pad = next((number for number, word in enumerate(words) if word == "<pad>"), None)
    layer = nn.Embedding(len(words), dim, padding_idx=pad)
    table = layer.state_dict()["weight"].clone()
    for number, word in enumerate(words):
        if number != pad and (vector := vectors.get(word)) is not None:
            table[number] = vector
    layer.load_state_dict({"weight": table})
    for parameter in layer.parameters():
        parameter.requires_grad_(not frozen)
    return layer
