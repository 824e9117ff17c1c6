# fails: zero_row: zero rows never in a result
import torch
import torch.nn.functional as F


def nearest(weight, ids, k):
    w = weight.detach()
    zero = (w == 0).all(1)
    w = F.normalize(w, dim=1)
    cos = (w[ids] @ w.T).masked_fill(zero, -float("inf"))
    cos = cos.scatter(-1, ids.long().unsqueeze(-1), float("-inf"))
    return cos.topk(k).indices
