# fails: out_of_range: fmod on the ids makes a too large id wrap around
import torch
from torch import Tensor


def one_hot_lookup(weight: Tensor, idx: Tensor) -> Tensor:
    num = weight.shape[0]
    identity = torch.eye(num, dtype=weight.dtype, device=weight.device)
    selected = identity.index_select(0, torch.remainder(idx, num).flatten())
    return (
        torch.matmul(selected, weight).unflatten(0, idx.shape)
        if idx.dim()
        else torch.matmul(selected, weight)[0]
    )
