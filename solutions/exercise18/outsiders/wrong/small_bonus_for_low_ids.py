# fails: types: 1e-12 times the id is subtracted, which changes the order of rows that are far apart
import torch
from torch import Tensor


@torch.no_grad()
def nearest(weight: Tensor, ids: Tensor, k: int) -> Tensor:
    flat = ids.reshape(-1).long()
    norm = weight.norm(dim=1, keepdim=True)
    unit = weight / torch.where(norm == 0, torch.ones_like(norm), norm)
    cos = unit[flat] @ unit.t()
    # equal cosines come in the order of their ids
    cos = cos - 1e-12 * torch.arange(weight.shape[0], device=weight.device)
    cos.scatter_(1, flat.unsqueeze(1), -torch.inf)
    return cos.topk(k, dim=1).indices.reshape(*ids.shape, k)
