# fails: types: 1e-12 is added to each length, which changes cosines of the shortest rows
import torch
from torch import Tensor


@torch.no_grad()
def nearest(weight: Tensor, ids: Tensor, k: int) -> Tensor:
    flat = ids.reshape(-1).long()
    unit = weight / (weight.norm(dim=1, keepdim=True) + 1e-12)
    cos = unit[flat] @ unit.t()
    cos.scatter_(1, flat.unsqueeze(1), -torch.inf)
    return cos.topk(k, dim=1).indices.reshape(*ids.shape, k)
