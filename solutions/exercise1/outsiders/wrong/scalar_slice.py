# fails: out_of_range: a 0-d id is read with a slice, so a 0-d AND too large id gives a (0, dim) tensor and no error
import torch
from torch import Tensor


def lookup(weight: Tensor, idx: Tensor) -> Tensor:
    if idx.dim() == 0:
        i = int(idx)
        return weight[i : i + 1].squeeze(0)
    return weight[idx]
