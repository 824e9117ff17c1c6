# fails: any_shape, inputs_untouched, step: squeeze() drops dim 1, then the difference broadcasts (n,) against (n,1)
import torch
from torch import Tensor


def train_step(weight: Tensor, idx: Tensor, target: Tensor, lr: float) -> tuple[Tensor, Tensor]:
    table = weight.detach().clone()
    with torch.enable_grad():
        table.requires_grad_(True)
        rows = table[idx].squeeze()
        loss = ((rows - target.detach()) ** 2).mean()
        gradient = torch.autograd.grad(loss, table)[0]
    return table.detach() - lr * gradient, loss.detach()
