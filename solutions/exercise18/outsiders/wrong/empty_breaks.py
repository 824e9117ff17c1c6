# fails: any_shape: an empty ids raises
import torch
import torch.nn.functional as F


def nearest(weight, ids, k):
    assert ids.max() < len(weight)
    w = F.normalize(weight.detach(), dim=1)
    cos = w[ids] @ w.T
    cos = cos.scatter(-1, ids.long().unsqueeze(-1), float("-inf"))
    return cos.topk(k).indices
