# fails: out_of_range: reads rows by address with no range check: if weight is a slice of a bigger table (big[:3]), id 3 returns the next row of big instead of raising
import torch
from torch import Tensor


def lookup(weight: Tensor, idx: Tensor) -> Tensor:
    dim = weight.shape[1]
    step, inner = weight.stride()
    start = weight.storage_offset()
    rows = [
        torch.as_strided(weight, (dim,), (inner,), start + i * step)
        for i in idx.reshape(-1).tolist()
    ]
    if not rows:
        return weight.new_empty(tuple(idx.shape) + (dim,))
    return torch.stack(rows).reshape(tuple(idx.shape) + (dim,))
