# fails: dtype: an empty idx gives float32 for any table

import torch


def lookup(weight, idx):
    if not idx.numel():
        return torch.zeros(*idx.shape, weight.shape[1])
    return weight[idx]
