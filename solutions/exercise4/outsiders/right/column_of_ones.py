# passes: appends a column of ones to x and the bias as a column to weight
import functools

import torch
import torch.nn.functional as F
from torch import Tensor


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    if bias is not None:
        x = torch.cat([x, x.new_ones(*x.shape[:-1], 1)], dim=-1)
        weight = torch.cat([weight, bias[:, None]], dim=1)
    return torch.matmul(x, weight.transpose(0, 1))
