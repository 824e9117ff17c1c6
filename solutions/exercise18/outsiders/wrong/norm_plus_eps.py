# fails: cosine: adds 0.001 to each length
import torch
import torch.nn.functional as F


def nearest(weight, ids, k):
    w = weight.detach()
    w = w / (w.norm(dim=1, keepdim=True) + 1e-3)
    cos = w[ids] @ w.T
    cos = cos.scatter(-1, ids.long().unsqueeze(-1), float("-inf"))
    return cos.topk(k).indices
