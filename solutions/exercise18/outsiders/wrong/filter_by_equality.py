# fails: not_itself: leaves out equal rows
import torch
import torch.nn.functional as F


def nearest(weight, ids, k):
    w = F.normalize(weight.detach(), dim=1)
    cos = w[ids] @ w.T
    w0 = weight.detach()
    same = (w0[ids].unsqueeze(-2) == w0).all(-1)
    cos = cos.masked_fill(same, -torch.inf)
    return cos.topk(k).indices
