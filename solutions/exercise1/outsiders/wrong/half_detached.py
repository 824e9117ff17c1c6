# fails: combinations: the 16-bit branch builds its result with torch.empty and detach, so a 16-bit weight AND requires_grad has no gradient
import torch
from torch import Tensor


def lookup(weight: Tensor, idx: Tensor) -> Tensor:
    if weight.element_size() == 2:
        # look the bits up: an integer table needs no float kernels
        bits = weight.detach().contiguous().view(torch.int16)
        return bits[idx].view(weight.dtype)
    return weight[idx]
