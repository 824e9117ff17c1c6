# fails: not_itself: multiplies the own cosine by zero
import torch
import torch.nn.functional as F


def nearest(weight, ids, k):
    w = F.normalize(weight.detach(), dim=1)
    cos = w[ids] @ w.T
    keep = 1 - F.one_hot(ids.long(), len(weight)).to(cos.dtype)
    return (cos * keep).topk(k).indices
