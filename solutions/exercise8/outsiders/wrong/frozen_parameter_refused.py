# fails: inputs_untouched: a Parameter is taken to require a gradient, so a frozen one raises an error
import torch
from torch import Tensor, nn


def train_step(weight: Tensor, idx: Tensor, target: Tensor, lr: float) -> tuple[Tensor, Tensor]:
    """Take one step of SGD on the mean squared error of the looked-up rows."""
    leaf = weight if isinstance(weight, nn.Parameter) else weight.detach().requires_grad_()
    with torch.enable_grad():
        loss = (leaf[idx.long()] - target).square().mean()
        (grad,) = torch.autograd.grad(loss, leaf)
    return weight.detach() - lr * grad, loss.detach()
