# fails: combinations: a table of one column is flattened with ravel, which copies a non-contiguous tensor, so one column and a non-contiguous weight change nothing
import torch
from torch import Tensor


@torch.no_grad()
def sparse_step(weight: Tensor, idx: Tensor, grad_output: Tensor, lr: float) -> None:
    ids = idx.reshape(-1).long()
    if weight.shape[1] == 1:
        # One number per row.
        weight.ravel().index_add_(0, ids, grad_output.reshape(-1), alpha=-lr)
        return
    rows = grad_output.reshape(len(ids), weight.shape[1])
    weight.index_add_(0, ids, rows, alpha=-lr)
