# fails: inputs_untouched: if each row equals its target, the new weight is the old one and shares its memory
import torch
from torch import Tensor


@torch.no_grad()
def train_step(weight: Tensor, idx: Tensor, target: Tensor, lr: float) -> tuple[Tensor, Tensor]:
    """Take one step of SGD on the mean squared error of the looked-up rows."""
    dim = weight.shape[1]
    flat = idx.reshape(-1).long()
    diff = weight.index_select(0, flat) - target.reshape(-1, dim)
    loss = diff.square().mean()
    if loss == 0:  # every row is where it should be
        return weight.detach(), loss
    step = diff * (2 / diff.numel())
    grad = torch.zeros(weight.shape, dtype=weight.dtype).index_add_(0, flat, step)
    return weight.detach() - lr * grad, loss
