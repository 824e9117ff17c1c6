# fails: any_sizes: it computes the first 32 outputs only
import torch
import torch.nn.functional as F


def linear(x, weight, bias=None):
    out = x @ weight[:32].T
    return out if bias is None else out + bias[:32]
