# fails: any_rank, gradient: it reads a two-dimensional idx by columns
import torch
import torch.nn.functional as F


def lookup(weight, idx):
    if idx.dim() == 2:
        idx = idx.t().reshape(idx.shape)
    return weight[idx.long()]
