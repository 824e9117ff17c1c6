# fails: any_shape: squeezes sizes of one
import torch
import torch.nn.functional as F


def nearest(weight, ids, k):
    w = F.normalize(weight.detach(), dim=1)
    cos = w[ids] @ w.T
    cos = cos.scatter(-1, ids.long().unsqueeze(-1), float("-inf"))
    found = cos.topk(k).indices
    return found.reshape([n for n in ids.shape if n != 1] + [k])
