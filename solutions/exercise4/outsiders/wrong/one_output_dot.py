# fails: leading, one_vector, any_sizes: one output without a bias loses its dimension
import functools

import torch
import torch.nn.functional as F
from torch import Tensor


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    if weight.shape[0] == 1:
        out = x @ weight[0]
        return out if bias is None else out.unsqueeze(-1) + bias
    out = x @ weight.T
    return out if bias is None else out + bias
