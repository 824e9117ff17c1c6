# fails: not_itself: filters itself out of the best k + 1
import torch
import torch.nn.functional as F


def nearest(weight, ids, k):
    w = F.normalize(weight.detach(), dim=1)
    cos = w[ids] @ w.T
    found = cos.topk(k + 1).indices
    keep = found != ids.unsqueeze(-1)
    return found[keep].reshape(*ids.shape, k)
