# fails: not_itself: own cosine becomes about -1
import torch
import torch.nn.functional as F


def nearest(weight, ids, k):
    w = F.normalize(weight.detach(), dim=1)
    cos = w[ids] @ w.T
    cos = cos - 2 * F.one_hot(ids.long(), len(weight)).to(cos.dtype)
    return cos.topk(k).indices
