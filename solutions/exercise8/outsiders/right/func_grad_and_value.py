# passes: torch.func.grad_and_value of a pure loss function
import torch
import torch.nn.functional as F
from torch import Tensor


def train_step(weight: Tensor, idx: Tensor, target: Tensor, lr: float) -> tuple[Tensor, Tensor]:
    def objective(table):
        return F.mse_loss(table[idx], target.detach())

    with torch.enable_grad():
        gradient, loss = torch.func.grad_and_value(objective)(weight.detach())
    return torch.sub(weight.detach(), gradient, alpha=lr), loss.detach()
