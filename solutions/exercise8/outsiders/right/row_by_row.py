"""No autograd: a Python loop over the occurrences of the ids."""

import torch
from torch import Tensor


def train_step(weight: Tensor, idx: Tensor, target: Tensor, lr: float) -> tuple[Tensor, Tensor]:
    table, goal = weight.detach(), target.detach()
    dim = table.shape[1]
    errors = table[idx].reshape(-1, dim) - goal.reshape(-1, dim)
    gradient: dict[int, Tensor] = {}
    for i, error in zip(idx.flatten().tolist(), errors, strict=True):
        gradient[i] = gradient.get(i, 0) + 2 * error / errors.numel()
    moved = table.clone()
    for i, g in gradient.items():
        moved[i] = table[i] - lr * g
    return moved, errors.mul(errors).mean()
