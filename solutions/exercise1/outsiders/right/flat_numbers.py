"""Index single numbers of the flattened table, after an explicit check of the ids."""

import torch
from torch import Tensor


def lookup(weight: Tensor, idx: Tensor) -> Tensor:
    num, dim = weight.shape
    ids = idx.to(torch.int64)
    if ids.numel() and not bool(((ids >= 0) & (ids < num)).all()):
        raise IndexError("id out of range")
    places = ids.unsqueeze(-1) * dim + torch.arange(dim, device=weight.device)
    return weight.reshape(-1)[places]
