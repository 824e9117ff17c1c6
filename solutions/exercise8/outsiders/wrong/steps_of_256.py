# fails: step: takes one step for each 256 ids
import torch
import torch.nn.functional as F
from torch import Tensor, nn


def train_step(weight: Tensor, idx: Tensor, target: Tensor, lr: float) -> tuple[Tensor, Tensor]:
    with torch.no_grad():
        dim = weight.shape[1]
        flat, goal = idx.reshape(-1), target.reshape(-1, dim)
        loss = (weight[flat] - goal).square().mean()
        new = weight.detach().clone()
        for ids, part in zip(flat.split(256), goal.split(256)):
            diff = new[ids] - part
            new.index_add_(0, ids, diff, alpha=-2 * lr / diff.numel())
        return new, loss
