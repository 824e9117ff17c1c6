# fails: product, dtype: softmax of large scores replaces the one-hot rows
import torch
import torch.nn.functional as F


def one_hot_lookup(weight, idx):
    hot = F.one_hot(idx.long(), len(weight)).to(weight.dtype)
    return torch.softmax(hot * 30, -1) @ weight
