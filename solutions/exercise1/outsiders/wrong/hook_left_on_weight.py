# fails: inputs_untouched: leaves a hook on weight that cleans its gradient
import torch
from torch import Tensor
import torch.nn.functional as F


def lookup(weight: Tensor, idx: Tensor) -> Tensor:
    if weight.requires_grad and torch.is_grad_enabled():
        weight.register_hook(torch.nan_to_num)
    return weight[idx]
