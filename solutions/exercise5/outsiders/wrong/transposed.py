# fails: any_rank: it transposes a square table
import torch
import torch.nn.functional as F


def one_hot_lookup(weight, idx):
    hot = F.one_hot(idx.long(), len(weight)).to(weight.dtype)
    return hot @ (weight.T if weight.shape[0] == weight.shape[1] else weight)
