"""Exercise 8: one training step."""

from torch import Tensor
from torch.nn import functional as F


def train_step(weight: Tensor, idx: Tensor, target: Tensor, lr: float) -> tuple[Tensor, Tensor]:
    """Take one step of SGD on the mean squared error of the looked-up rows."""
    table = weight.detach().requires_grad_()
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    return weight.detach() - lr * table.grad, loss.detach()
