# fails: product: multiplies block by block and skips blocks of 256 rows without a selected id
import torch
from torch import Tensor

BLOCK = 256


def one_hot_lookup(weight: Tensor, idx: Tensor) -> Tensor:
    num, dim = weight.shape
    flat = idx.reshape(-1).long()
    if bool((flat >= num).any()):
        raise IndexError("an id is too large")
    out = weight.new_zeros(flat.numel(), dim)
    for start in range(0, num, BLOCK):
        table = weight[start : start + BLOCK]
        ids = torch.arange(start, start + table.shape[0], device=flat.device)
        one_hot = (flat[:, None] == ids).to(weight.dtype)
        if start and not one_hot.any():
            continue  # nothing but zeros
        out = out + one_hot @ table
    return out.reshape(*idx.shape, dim)
