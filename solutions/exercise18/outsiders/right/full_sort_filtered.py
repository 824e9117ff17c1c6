# passes: sorts all and filters itself out
import torch
import torch.nn.functional as F


def nearest(weight, ids, k):
    w = F.normalize(weight.detach(), dim=1)
    cos = w[ids] @ w.T
    order = cos.argsort(-1, descending=True)
    keep = order != ids.unsqueeze(-1)
    return order[keep].reshape(*ids.shape, len(weight) - 1)[..., :k]
