# fails: order, cosine: rows after the last full block of 256 are never found

import torch
import torch.nn.functional as F


def nearest(weight, ids, k):
    unit = F.normalize(weight.detach(), dim=1)
    flat = ids.reshape(-1).long()
    num = len(unit)
    size = min(256, num)
    cosines = torch.full((len(flat), num), -2.0, dtype=unit.dtype)
    for start in range(0, num - size + 1, size):
        cosines[:, start : start + size] = unit[flat] @ unit[start : start + size].T
    cosines[torch.arange(len(flat)), flat] = -3.0
    return cosines.topk(k, dim=1).indices.reshape(ids.shape + (k,))
