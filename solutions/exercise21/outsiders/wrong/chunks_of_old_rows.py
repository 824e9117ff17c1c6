# fails: repeats: rows are read once, before all chunks of 1,024 ids, so a later chunk drops the moves of an earlier one
import torch
from torch import Tensor

CHUNK = 1024


@torch.no_grad()
def sparse_step(weight: Tensor, idx: Tensor, grad_output: Tensor, lr: float) -> None:
    """Move the rows of ``weight`` that were looked up, in place, by one step of plain SGD."""
    flat = idx.reshape(-1).long()
    values = grad_output.reshape(flat.numel(), weight.shape[1])
    before = weight[flat]
    for start in range(0, flat.numel(), CHUNK):
        part = slice(start, start + CHUNK)
        ids, place = flat[part].unique(return_inverse=True)
        rows = before.new_empty(ids.numel(), weight.shape[1])
        rows[place] = before[part]
        rows.index_add_(0, place, values[part], alpha=-lr)
        weight[ids] = rows
