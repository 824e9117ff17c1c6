"""A mask of equal ids, contracted with einsum."""

import torch
from torch import Tensor


def one_hot_lookup(weight: Tensor, idx: Tensor) -> Tensor:
    num = weight.size(0)
    ids = idx.long()
    if ids.numel() > 0 and (ids.max().item() >= num or ids.min().item() < 0):
        raise ValueError(f"ids must be from 0 to {num - 1}")
    same = torch.eq(ids.unsqueeze(-1), torch.arange(num, device=idx.device))
    return torch.einsum("...n,nd->...d", same.to(weight.dtype), weight)
