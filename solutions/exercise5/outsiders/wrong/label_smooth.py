# fails: dtype: the 1 of a one-hot row is a little smaller
import torch
import torch.nn.functional as F


def one_hot_lookup(weight, idx):
    hot = F.one_hot(idx.long(), len(weight)).to(weight.dtype)
    return (hot * (1 - 1e-6)) @ weight
