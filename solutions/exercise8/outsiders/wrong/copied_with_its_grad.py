# fails: inputs_untouched: the deep copy of a tensor has its old gradient, which moves the weight, too
import copy

import torch
from torch import Tensor


def train_step(weight: Tensor, idx: Tensor, target: Tensor, lr: float) -> tuple[Tensor, Tensor]:
    """Take one step of SGD on the mean squared error of the looked-up rows."""
    own = copy.deepcopy(weight if weight.is_leaf else weight.detach())
    own.requires_grad_(True)
    with torch.enable_grad():
        loss = torch.mean((own[idx.long()] - target) ** 2)
        loss.backward()
    return own.detach() - lr * own.grad, loss.detach()
