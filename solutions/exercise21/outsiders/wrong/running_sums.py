# fails: repeats: repeated ids are summed as differences of running sums, so a repeated id and another row with huge gradients lose the small ones
import torch
from torch import Tensor


@torch.no_grad()
def sparse_step(weight: Tensor, idx: Tensor, grad_output: Tensor, lr: float) -> None:
    rows = grad_output.reshape(idx.numel(), weight.shape[1])
    ids, order = idx.reshape(-1).sort()
    rows = rows[order]
    last = torch.ones(len(ids), dtype=torch.bool)
    last[:-1] = ids[1:] != ids[:-1]
    if not last.all():
        # The sum of a run is the difference of two running sums.
        ids, rows = ids[last], rows.cumsum(0)[last]
        rows = torch.cat([rows[:1], rows[1:] - rows[:-1]])
    weight[ids] -= lr * rows
