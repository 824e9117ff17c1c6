# fails: zero_row: nan becomes -1
import torch
import torch.nn.functional as F


def nearest(weight, ids, k):
    w = weight.detach()
    w = w / w.norm(dim=1, keepdim=True)
    cos = (w[ids] @ w.T).nan_to_num(nan=-1.0)
    cos = cos.scatter(-1, ids.long().unsqueeze(-1), float("-inf"))
    return cos.topk(k).indices
