# fails: empty: an empty idx of two dimensions loses its first dimension
import torch
import torch.nn.functional as F


def lookup(weight, idx):
    if idx.numel() == 0:
        return weight.new_zeros(0, weight.shape[1])
    return weight[idx.long()]
