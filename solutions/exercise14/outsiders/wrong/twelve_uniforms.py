# fails: normal: a sum of twelve uniform numbers, whose fourth moment is 2.9

import torch


def init_tied(embedding, projection, std=0.02):
    w = embedding.weight
    total = torch.full_like(w, -6.0, requires_grad=False)
    for _ in range(12):
        total += torch.rand_like(w)
    with torch.no_grad():
        w.copy_(total * std)
        if embedding.padding_idx is not None:
            w[embedding.padding_idx] = 0
        if projection.bias is not None:
            projection.bias.zero_()
    projection.weight = w
