# fails: not_itself: gives the own id the cosine -1, which opposite rows reach, too

import torch
import torch.nn.functional as F


def nearest(weight, ids, k):
    unit = F.normalize(weight.detach(), dim=1)
    flat = ids.reshape(-1).long()
    cosines = unit[flat] @ unit.T
    cosines[torch.arange(len(flat)), flat] = -1.0  # as far away as possible
    order = cosines.argsort(dim=1, descending=True, stable=True)
    return order[:, :k].reshape(ids.shape + (k,))
