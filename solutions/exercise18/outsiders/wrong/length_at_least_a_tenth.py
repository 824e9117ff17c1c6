# fails: cosine: length at least 0.1
import torch
import torch.nn.functional as F


def nearest(weight, ids, k):
    w = weight.detach()
    w = w / w.norm(dim=1, keepdim=True).clamp(min=0.1)
    cos = w[ids] @ w.T
    cos = cos.scatter(-1, ids.long().unsqueeze(-1), float("-inf"))
    return cos.topk(k).indices
