# fails: any_k: [-k:] returns everything for k = 0
import torch
import torch.nn.functional as F


def nearest(weight, ids, k):
    w = F.normalize(weight.detach(), dim=1)
    cos = w[ids] @ w.T
    cos = cos.scatter(-1, ids.long().unsqueeze(-1), float("-inf"))
    return cos.argsort(-1)[..., -k:].flip(-1)
