# fails: dtype: lr becomes a float32 tensor, which rounds 0.1 for float64 weights
import torch
from torch import Tensor


@torch.no_grad()
def train_step(weight: Tensor, idx: Tensor, target: Tensor, lr: float) -> tuple[Tensor, Tensor]:
    rate = torch.tensor(lr)
    diff = weight[idx] - target
    loss = (diff * diff).mean()
    grad = torch.zeros_like(weight)
    grad.index_put_((idx.long(),), diff * 2 / diff.numel(), accumulate=True)
    return weight.sub(rate * grad), loss
