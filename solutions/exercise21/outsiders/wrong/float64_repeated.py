# fails: combinations: gradients of repeated ids are summed in float32, so float64 and a repeated id lose the precision of float64
import torch
from torch import Tensor


@torch.no_grad()
def sparse_step(weight: Tensor, idx: Tensor, grad_output: Tensor, lr: float) -> None:
    dim = weight.shape[1]
    ids, place = idx.reshape(-1).unique(return_inverse=True)
    rows = grad_output.reshape(idx.numel(), dim)
    if len(ids) == idx.numel():
        weight.index_add_(0, idx.reshape(-1), rows, alpha=-lr)
        return
    sums = torch.zeros(len(ids), dim)
    sums.index_add_(0, place, rows.to(sums.dtype))
    weight[ids] -= lr * sums
