# fails: zero_row: rows of zeros become rows of ones
import torch
import torch.nn.functional as F


def nearest(weight, ids, k):
    w = weight.detach()
    w = torch.where((w == 0).all(1, keepdim=True), torch.ones_like(w), w)
    w = F.normalize(w, dim=1)
    cos = w[ids] @ w.T
    cos = cos.scatter(-1, ids.long().unsqueeze(-1), float("-inf"))
    return cos.topk(k).indices
