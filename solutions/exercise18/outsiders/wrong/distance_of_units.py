# fails: zero_row: distance of unit rows
import torch
import torch.nn.functional as F


def nearest(weight, ids, k):
    w = F.normalize(weight.detach(), dim=1)
    cos = -(w[ids].unsqueeze(-2) - w).pow(2).sum(-1)
    cos = cos.scatter(-1, ids.long().unsqueeze(-1), float("-inf"))
    return cos.topk(k).indices
