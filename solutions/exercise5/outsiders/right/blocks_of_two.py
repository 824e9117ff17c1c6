# passes: a product in blocks of two rows
import torch
import torch.nn.functional as F


def one_hot_lookup(weight, idx):
    hot = F.one_hot(idx.long(), len(weight)).to(weight.dtype)
    return sum(hot[..., k : k + 2] @ weight[k : k + 2] for k in range(0, len(weight), 2))
