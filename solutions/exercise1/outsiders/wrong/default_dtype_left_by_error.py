# fails: inputs_untouched: the default dtype stays changed after a call that raises
import torch
from torch import Tensor
import torch.nn.functional as F


def lookup(weight: Tensor, idx: Tensor) -> Tensor:
    old = torch.get_default_dtype()
    torch.set_default_dtype(weight.dtype)
    out = torch.empty(*idx.shape, weight.shape[1])
    out = out.copy_(weight[idx])
    torch.set_default_dtype(old)
    return out
