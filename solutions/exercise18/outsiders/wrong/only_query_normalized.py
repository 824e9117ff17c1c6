# fails: cosine: normalizes the rows of ids only
import torch
import torch.nn.functional as F


def nearest(weight, ids, k):
    w = weight.detach()
    cos = F.normalize(w[ids], dim=-1) @ w.T
    cos = cos.scatter(-1, ids.long().unsqueeze(-1), float("-inf"))
    return cos.topk(k).indices
