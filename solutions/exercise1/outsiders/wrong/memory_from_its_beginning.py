# fails: rows: takes the memory of the table to begin with its first row

import torch
from torch import Tensor


def lookup(weight: Tensor, idx: Tensor) -> Tensor:
    num, dim = weight.shape
    if not weight.is_contiguous():
        weight = weight.contiguous()
    table = torch.as_strided(weight, (num, dim), (dim, 1), 0)
    return table[idx]
