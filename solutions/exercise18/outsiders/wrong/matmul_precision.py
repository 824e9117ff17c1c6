# fails: untouched: sets the precision of float32 products for the whole program

import torch
import torch.nn.functional as F


def nearest(weight, ids, k):
    torch.set_float32_matmul_precision("high")
    unit = F.normalize(weight.detach(), dim=1)
    flat = ids.reshape(-1).long()
    cosines = unit[flat] @ unit.T
    cosines[torch.arange(len(flat)), flat] = float("-inf")
    return torch.topk(cosines, k, dim=1)[1].reshape(*ids.shape, k)
