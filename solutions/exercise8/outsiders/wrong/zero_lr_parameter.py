# fails: inputs_untouched: a step of length 0 returns the data of a Parameter: lr 0.0 AND a Parameter shares the memory of weight
import torch
import torch.nn.functional as F
from torch import Tensor, nn


def train_step(weight: Tensor, idx: Tensor, target: Tensor, lr: float) -> tuple[Tensor, Tensor]:
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target)
    if lr == 0.0:
        # nothing moves
        same = weight.data if isinstance(weight, nn.Parameter) else weight.clone()
        return same.detach(), loss.detach()
    loss.backward()
    return table.detach() - lr * table.grad, loss.detach()
