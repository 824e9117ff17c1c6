# passes: nn.init for words without a vector, and index_copy for the others
import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    layer = nn.Embedding(len(words), dim)
    nn.init.normal_(layer.weight, std=0.02)
    known = [number for number, word in enumerate(words) if word in vectors]
    with torch.no_grad():
        if known:
            rows = torch.stack([vectors[words[number]].float() for number in known])
            layer.weight.index_copy_(0, torch.tensor(known), rows)
        if "<pad>" in words:
            layer.padding_idx = words.index("<pad>")
            layer.weight[layer.padding_idx].zero_()
    return layer.requires_grad_(not frozen)
