# fails: zero_row: for a row of zeros returns the first k ids
import torch
import torch.nn.functional as F


def nearest(weight, ids, k):
    w = F.normalize(weight.detach(), dim=1)
    cos = w[ids] @ w.T
    cos = cos.scatter(-1, ids.long().unsqueeze(-1), float("-inf"))
    found = cos.topk(k).indices
    zero = (weight.detach()[ids] == 0).all(-1)
    return torch.where(zero.unsqueeze(-1), torch.arange(k, device=ids.device), found)
