# fails: product, dtype: it replaces inf by the largest finite number
import torch
import torch.nn.functional as F


def one_hot_lookup(weight, idx):
    hot = F.one_hot(idx.long(), len(weight)).to(weight.dtype)
    return hot @ weight.clamp(-torch.finfo(weight.dtype).max, torch.finfo(weight.dtype).max)
