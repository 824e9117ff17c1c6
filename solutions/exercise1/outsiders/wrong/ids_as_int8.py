# fails: rows, dtype: ids become int8, so 200 turns into a negative id

import torch


def lookup(weight, idx):
    if idx.numel() and idx.max() >= len(weight):
        raise IndexError("no such row")
    return weight[idx.to(torch.int8).long()]
