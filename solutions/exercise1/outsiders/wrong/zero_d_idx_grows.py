# fails: inputs_untouched: a 0-d idx is turned into a 1-d one in place
import torch
from torch import Tensor


def lookup(weight: Tensor, idx: Tensor) -> Tensor:
    scalar = idx.dim() == 0
    if scalar:
        idx.unsqueeze_(0)
    out = weight.index_select(0, idx.flatten())
    if scalar:
        return out[0]
    return out.unflatten(0, idx.shape) if idx.numel() else out.reshape(*idx.shape, weight.shape[1])
