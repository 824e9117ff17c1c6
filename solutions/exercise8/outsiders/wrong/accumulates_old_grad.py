# fails: inputs_untouched: a weight that requires a gradient is used as the leaf: a Parameter AND an existing weight.grad adds the old gradient and changes it
import torch
import torch.nn.functional as F
from torch import Tensor


def train_step(weight: Tensor, idx: Tensor, target: Tensor, lr: float) -> tuple[Tensor, Tensor]:
    if weight.requires_grad and weight.is_leaf:
        saved, table = weight.grad, weight
    else:
        saved, table = None, weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    new_weight = table.detach() - lr * table.grad
    table.grad = saved
    return new_weight, loss.detach()
