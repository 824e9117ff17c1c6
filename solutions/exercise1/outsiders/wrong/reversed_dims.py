# fails: any_rank: it reverses the leading dimensions of an idx of four dimensions
import torch
import torch.nn.functional as F


def lookup(weight, idx):
    out = weight[idx.long()]
    return out.permute(*range(idx.dim() - 1, -1, -1), idx.dim()) if idx.dim() > 3 else out
