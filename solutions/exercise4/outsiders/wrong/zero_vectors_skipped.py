# fails: any_sizes: skips vectors of zeros, where an infinite weight gives nan
import functools

import torch
import torch.nn.functional as F
from torch import Tensor


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    out = x @ weight.T
    if not weight.requires_grad and not x.requires_grad:
        empty_rows = (x == 0).all(-1, keepdim=True)
        out = out.masked_fill(empty_rows, 0.0)
    return out if bias is None else out + bias
