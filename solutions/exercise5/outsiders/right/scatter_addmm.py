# passes: scatter_ into zeros, then mm of the transposes
import functools

import torch
import torch.nn.functional as F
from torch import Tensor


def one_hot_lookup(weight: Tensor, idx: Tensor) -> Tensor:
    flat = idx.reshape(1, -1).long()
    one_hot = torch.zeros(weight.shape[0], flat.shape[1], dtype=weight.dtype).scatter_(0, flat, 1.0)
    return weight.t().mm(one_hot).t().reshape(*idx.shape, weight.shape[1])
