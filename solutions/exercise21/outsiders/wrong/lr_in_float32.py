# fails: step: puts lr into a float32 tensor, so float64 steps are off by up to 1e-8 of their size
import torch
from torch import Tensor


def sparse_step(weight: Tensor, idx: Tensor, grad_output: Tensor, lr: float) -> None:
    flat = idx.reshape(-1).long()
    grad = grad_output.detach().reshape(flat.numel(), weight.shape[1])
    rate = torch.tensor(lr, dtype=torch.float32)
    with torch.no_grad():
        weight.index_add_(0, flat, grad * -rate)
