# fails: dtype: takes columns whose sum overflows for columns with infinity
import functools

import torch
import torch.nn.functional as F
from torch import Tensor


def one_hot_lookup(weight: Tensor, idx: Tensor) -> Tensor:
    if bool(weight.sum(0).isfinite().all()):
        return weight[idx] + 0.0
    one_hot = F.one_hot(idx.long(), weight.shape[0]).to(weight.dtype)
    rows = one_hot @ weight
    return torch.where(weight.sum(0).isfinite(), rows, torch.where(rows.isinf(), rows, torch.nan))
