# passes: closed form with index_add
import torch
import torch.nn.functional as F
from torch import Tensor, nn


def train_step(weight: Tensor, idx: Tensor, target: Tensor, lr: float) -> tuple[Tensor, Tensor]:
    with torch.no_grad():
        diff = (weight[idx] - target).reshape(-1, weight.shape[1])
        step = torch.zeros_like(weight).index_add_(0, idx.reshape(-1), diff * (2 / diff.numel()))
        return weight - lr * step, diff.square().mean()
