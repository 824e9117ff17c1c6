# fails: order: subtracts the mean row first
import torch
import torch.nn.functional as F


def nearest(weight, ids, k):
    w = weight.detach()
    w = F.normalize(w - w.mean(0), dim=1)
    cos = w[ids] @ w.T
    cos = cos.scatter(-1, ids.long().unsqueeze(-1), float("-inf"))
    return cos.topk(k).indices
