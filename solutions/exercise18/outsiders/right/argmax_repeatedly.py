# passes: argmax k times
import torch
import torch.nn.functional as F


def nearest(weight, ids, k):
    w = F.normalize(weight.detach(), dim=-1)
    cos = (w[ids] @ w.T).clone()
    cos.scatter_(-1, ids.long()[..., None], -torch.inf)
    found = []
    for _ in range(k):
        best = cos.argmax(-1, keepdim=True)
        found.append(best)
        cos.scatter_(-1, best, -torch.inf)
    if not found:
        return ids.new_zeros((*ids.shape, 0), dtype=torch.int64)
    return torch.cat(found, -1)
