# fails: combinations: for a non-contiguous weight, the axis of the ids is found by its size, so a non-contiguous AND square weight gives columns
import torch
from torch import Tensor


def lookup(weight: Tensor, idx: Tensor) -> Tensor:
    num, dim = weight.shape
    flat = idx.reshape(-1)
    if weight.is_contiguous():
        rows = weight.index_select(0, flat)
    else:
        base = weight.t()
        axis = list(base.shape).index(num)
        rows = base.index_select(axis, flat)
        if axis == 1:
            rows = rows.t()
    return rows.reshape(idx.shape + (dim,))
