# fails: out_of_range: the place of a very large id overflows to that of a row

import torch
from torch import Tensor


def lookup(weight: Tensor, idx: Tensor) -> Tensor:
    dim = weight.shape[1]
    offsets = idx.long().unsqueeze(-1) * dim + torch.arange(dim, device=idx.device)
    return torch.take(weight, offsets)
