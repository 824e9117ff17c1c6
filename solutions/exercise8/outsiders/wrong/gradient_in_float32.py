# fails: dtype: adds the gradient in a float32 table, float64 loses its precision
import torch
from torch import Tensor


@torch.no_grad()
def train_step(weight: Tensor, idx: Tensor, target: Tensor, lr: float) -> tuple[Tensor, Tensor]:
    num, dim = weight.shape
    diff = (weight[idx] - target).reshape(-1, dim)
    loss = diff.square().mean()
    grad = torch.zeros(num, dim)
    grad.index_add_(0, idx.flatten(), (2 / diff.numel() * diff).float())
    return weight.detach() - lr * grad, loss
