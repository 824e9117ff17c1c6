# fails: gradient: the 16-bit branch turns gradients on, so a 16-bit weight AND torch.no_grad() gives a result that requires a gradient
import torch
from torch import Tensor


@torch.enable_grad()
def _wide(weight: Tensor, idx: Tensor) -> Tensor:
    return weight.float()[idx].to(weight.dtype)


def lookup(weight: Tensor, idx: Tensor) -> Tensor:
    if weight.dtype in (torch.float16, torch.bfloat16):
        return _wide(weight, idx)
    return weight[idx]
