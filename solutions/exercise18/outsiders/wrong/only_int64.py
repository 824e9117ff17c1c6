# fails: types: one_hot refuses int32
import torch
import torch.nn.functional as F


def nearest(weight, ids, k):
    w = F.normalize(weight.detach(), dim=1)
    cos = w[ids] @ w.T
    cos = cos.masked_fill(F.one_hot(ids, len(weight)).bool(), -torch.inf)
    return cos.topk(k).indices
