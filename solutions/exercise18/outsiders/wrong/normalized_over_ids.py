# fails: order: normalizes the cosines over the batch
import torch
import torch.nn.functional as F


def nearest(weight, ids, k):
    w = F.normalize(weight.detach(), dim=1)
    cos = w[ids] @ w.T
    cos = F.normalize(cos.reshape(-1, len(weight)), dim=0).reshape(*ids.shape, len(weight))
    cos = cos.scatter(-1, ids.long().unsqueeze(-1), float("-inf"))
    return cos.topk(k).indices
