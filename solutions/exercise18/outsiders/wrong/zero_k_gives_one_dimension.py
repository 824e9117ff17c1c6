# fails: any_k: k = 0 gives an empty tensor
import torch
import torch.nn.functional as F


def nearest(weight, ids, k):
    if k == 0:
        return torch.empty(0, dtype=torch.int64, device=ids.device)
    w = F.normalize(weight.detach(), dim=1)
    cos = w[ids] @ w.T
    cos = cos.scatter(-1, ids.long().unsqueeze(-1), float("-inf"))
    return cos.topk(k).indices
