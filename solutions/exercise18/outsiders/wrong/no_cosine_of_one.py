# fails: not_itself: excludes every row with a cosine of about 1

import torch
from torch.nn.functional import normalize


def nearest(weight, ids, k):
    unit = normalize(weight.detach(), dim=1)
    flat = ids.reshape(-1).long()
    cosines = unit[flat] @ unit.T
    cosines = cosines.masked_fill(cosines > 1 - 1e-6, -2)
    cosines[torch.arange(len(flat)), flat] = -3
    return cosines.topk(k, dim=1).indices.reshape(ids.shape + (k,))
