import torch
from torch import Tensor


def sparse_step(weight: Tensor, idx: Tensor, grad_output: Tensor, lr: float) -> None:
    """Sort the ids, sum every run, and write each new row once."""
    with torch.no_grad():
        ids, order = idx.flatten().long().sort(stable=True)
        rows = grad_output.reshape(idx.numel(), weight.size(1))[order]
        sums = []
        firsts = torch.unique_consecutive(ids, return_counts=True)
        for part in rows.split(firsts[1].tolist()) if ids.numel() else ():
            sums.append(part.sum(0))
        if sums:
            weight.data.index_copy_(
                0, firsts[0], weight.data.index_select(0, firsts[0]) - torch.stack(sums) * lr
            )
