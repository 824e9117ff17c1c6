# fails: other_rows: sums are differences of running sums, so a huge gradient of one row spoils other rows
import torch
from torch import Tensor


@torch.no_grad()
def sparse_step(weight: Tensor, idx: Tensor, grad_output: Tensor, lr: float) -> None:
    if idx.numel() == 0:
        return
    ids, order = idx.reshape(-1).long().sort(stable=True)
    total = grad_output.reshape(len(ids), weight.shape[1])[order].cumsum(0)
    used, count = ids.unique_consecutive(return_counts=True)
    total = total[count.cumsum(0) - 1]
    total[1:] -= total[:-1].clone()
    weight.index_add_(0, used, total, alpha=-lr)
