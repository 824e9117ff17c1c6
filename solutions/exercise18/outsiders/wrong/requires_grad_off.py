# fails: untouched: turns the gradient of the table off
import torch
import torch.nn.functional as F


def nearest(weight, ids, k):
    weight.requires_grad_(False)
    w = F.normalize(weight.detach(), dim=1)
    cos = w[ids] @ w.T
    cos = cos.scatter(-1, ids.long().unsqueeze(-1), float("-inf"))
    return cos.topk(k).indices
