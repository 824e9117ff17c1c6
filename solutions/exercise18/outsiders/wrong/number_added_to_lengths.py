# fails: cosine, types: adds 1e-6 to each length, which favors long rows

import torch


def nearest(weight, ids, k):
    table = weight.detach()
    unit = table / (table.norm(dim=1, keepdim=True) + 1e-6)
    flat = ids.reshape(-1).long()
    cosines = unit[flat] @ unit.T
    cosines[torch.arange(len(flat)), flat] = float("-inf")
    return torch.topk(cosines, k, dim=1)[1].reshape(*ids.shape, k)
