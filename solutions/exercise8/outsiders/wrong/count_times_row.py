# fails: repeats: count * row - sum of targets loses the digits of the differences, if rows and targets are large
import torch
from torch import Tensor


@torch.no_grad()
def train_step(weight: Tensor, idx: Tensor, target: Tensor, lr: float) -> tuple[Tensor, Tensor]:
    ids = idx.reshape(-1).long()
    goal = target.reshape(ids.numel(), weight.shape[1])
    loss = (weight[ids] - goal).square().mean()
    used, place, count = ids.unique(return_inverse=True, return_counts=True)
    goals = goal.new_zeros(len(used), weight.shape[1]).index_add_(0, place, goal)
    grad = (count.unsqueeze(1) * weight[used] - goals) * (2 / goal.numel())
    new_weight = weight.detach().clone()
    new_weight[used] = weight[used] - lr * grad
    return new_weight, loss
