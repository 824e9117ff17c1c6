# fails: combinations: a non-contiguous weight is packed into a float32 tensor first: a non-contiguous weight AND float64 loses digits
import torch
import torch.nn.functional as F
from torch import Tensor


def train_step(weight: Tensor, idx: Tensor, target: Tensor, lr: float) -> tuple[Tensor, Tensor]:
    if weight.is_contiguous():
        table = weight.detach().clone()
    else:
        table = torch.zeros(weight.shape).copy_(weight.detach()).to(weight.dtype)
    table.requires_grad_(True)
    loss = F.mse_loss(table[idx], target)
    (gradient,) = torch.autograd.grad(loss, table)
    return table.detach() - lr * gradient, loss.detach()
