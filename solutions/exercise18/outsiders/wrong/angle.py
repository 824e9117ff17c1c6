# fails: not_itself: nan angles
import torch
import torch.nn.functional as F


def nearest(weight, ids, k):
    w = F.normalize(weight.detach(), dim=1)
    cos = w[ids] @ w.T
    angle = torch.acos(cos)
    angle = angle.masked_fill(F.one_hot(ids.long(), len(weight)).bool(), 4.0)
    return angle.topk(k, largest=False).indices
