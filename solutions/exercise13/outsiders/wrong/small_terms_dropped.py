# fails: value: terms below the machine epsilon are dropped, but thousands of them count
import math

import torch
from torch import Tensor


def cross_entropy(scores: Tensor, target: Tensor, ignore_index: int = -100) -> Tensor:
    num = scores.shape[-1]
    keep = target != ignore_index
    ids, rows = target[keep], scores[keep]
    if bool(((ids < 0) | (ids >= num)).any()):
        raise IndexError("target out of range")
    rows = rows - rows.detach().amax(1, keepdim=True)
    picked = rows.gather(1, ids.unsqueeze(1)).squeeze(1)
    # next to the largest term, exp(0) = 1, these are rounded away
    tiny = rows < math.log(torch.finfo(rows.dtype).eps)
    total = rows.masked_fill(tiny, -math.inf).exp().sum(1)
    return (total.log() - picked).mean()
