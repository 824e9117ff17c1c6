# fails: any_rank, rows: remembers results per table and ids, stale after weight was updated in place
import torch
from torch import Tensor

_CACHE: dict = {}


def lookup(weight: Tensor, idx: Tensor) -> Tensor:
    if weight.requires_grad:
        return weight[idx]
    key = (
        weight.data_ptr(),
        tuple(weight.shape),
        weight.stride(),
        weight.dtype,
        tuple(idx.shape),
        tuple(idx.reshape(-1).tolist()),
    )
    if key not in _CACHE:
        # keep weight alive so that its address is not reused
        _CACHE[key] = (weight, weight[idx])
    return _CACHE[key][1].clone()
