# fails: empty, dtype: it raises an error for an empty idx
import torch
import torch.nn.functional as F


def lookup(weight, idx):
    if not idx.numel():
        raise ValueError("empty")
    return weight[idx.long()]
