# fails: zero_row: rows of zeros come after rows with a negative cosine

import torch


def nearest(weight, ids, k):
    table = weight.detach()
    unit = table / table.norm(dim=1, keepdim=True)
    flat = ids.reshape(-1).long()
    cosines = torch.nan_to_num(unit[flat] @ unit.T, nan=-2.0)
    cosines[torch.arange(len(flat)), flat] = float("-inf")
    return torch.topk(cosines, k, dim=1)[1].reshape(*ids.shape, k)
