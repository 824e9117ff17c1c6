# fails: gradient: the gradient is halved
import torch
import torch.nn.functional as F


def one_hot_lookup(weight, idx):
    hot = F.one_hot(idx.long(), len(weight)).to(weight.dtype)
    out = hot @ weight
    return out / 2 + out.detach() / 2
