# fails: types: angles of clamped cosines tie those that are nearly 1
import torch
import torch.nn.functional as F
from torch import Tensor


def nearest(weight: Tensor, ids: Tensor, k: int) -> Tensor:
    table = weight.detach().double()
    lengths = table.norm(dim=1, keepdim=True)
    unit = table / torch.where(lengths == 0, torch.ones_like(lengths), lengths)
    flat = ids.reshape(-1).long()
    cosines = unit[flat] @ unit.T
    angles = torch.acos(cosines.clamp(-1 + 1e-7, 1 - 1e-7))
    angles[torch.arange(flat.shape[0]), flat] = float("inf")
    return angles.argsort(dim=1, stable=True)[:, :k].reshape(ids.shape + (k,))
