# fails: types: a row of length 1e-6 counts as a row of zeros
import torch
from torch import Tensor


@torch.no_grad()
def nearest(weight: Tensor, ids: Tensor, k: int) -> Tensor:
    flat = ids.reshape(-1).long()
    norm = weight.norm(dim=1, keepdim=True)
    unit = torch.where(norm > 1e-6, weight / norm, torch.zeros_like(weight))
    cos = unit[flat] @ unit.t()
    cos.scatter_(1, flat.unsqueeze(1), -torch.inf)
    return cos.topk(k, dim=1).indices.reshape(*ids.shape, k)
