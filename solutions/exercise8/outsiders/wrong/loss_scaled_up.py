# fails: step, inputs_untouched: the loss is scaled by 2**16 for the backward pass, so the gradient of a difference of 1e35 is infinite
import torch
import torch.nn.functional as F
from torch import Tensor

LOSS_SCALE = 2.0**16  # apex starts with this scale


def train_step(weight: Tensor, idx: Tensor, target: Tensor, lr: float) -> tuple[Tensor, Tensor]:
    with torch.enable_grad():
        table = weight.detach().clone(memory_format=torch.contiguous_format).requires_grad_(True)
        loss = F.mse_loss(table[idx.long()], target)
        (grad,) = torch.autograd.grad(loss * LOSS_SCALE, table)
    new_weight = table.detach() - lr * (grad / LOSS_SCALE)
    return new_weight, loss.detach()
