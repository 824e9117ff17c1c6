# fails: inputs_untouched: draws a random spot check, which moves the random state
import torch
from torch import Tensor


def lookup(weight: Tensor, idx: Tensor) -> Tensor:
    flat = idx.reshape(-1).long()
    out = weight[flat]
    if flat.numel():
        k = int(torch.randint(flat.numel(), ()))
        if not torch.equal(torch.nan_to_num(out[k]), torch.nan_to_num(weight[flat[k]])):
            raise RuntimeError("lookup is inconsistent")
    return out.reshape(*idx.shape, weight.shape[1])
