# fails: inputs_untouched: computes the difference in the memory of target
import torch
from torch import Tensor


@torch.no_grad()
def train_step(weight: Tensor, idx: Tensor, target: Tensor, lr: float) -> tuple[Tensor, Tensor]:
    num, dim = weight.shape
    flat = idx.reshape(-1)
    goals = target.reshape(-1, dim)
    goals -= weight.index_select(0, flat)
    loss = goals.square().mean()
    step = goals * (2 * lr / goals.numel())
    return weight.detach().index_add(0, flat, step), loss
