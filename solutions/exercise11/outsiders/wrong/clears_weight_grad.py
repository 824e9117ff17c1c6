# fails: inputs_untouched: sets weight.grad to None; shows when gradients are accumulated over several calls or batches
import torch
from torch import Tensor


def embedding_bag(weight: Tensor, idx: Tensor, offsets: Tensor, mode: str) -> Tensor:
    if weight.is_leaf and weight.grad is not None:
        weight.grad = None  # start clean
    if mode not in ("sum", "mean", "max"):
        raise ValueError(f"unknown mode {mode!r}")
    rows = weight[idx]
    starts = offsets.tolist()
    ends = starts[1:] + [len(idx)]
    out = []
    for start, end in zip(starts, ends):
        bag = rows[start:end]
        if len(bag) == 0:
            out.append(bag.sum(0))
        elif mode == "sum":
            out.append(bag.sum(0))
        elif mode == "mean":
            out.append(bag.mean(0))
        else:
            out.append(bag.max(0).values)
    return torch.stack(out) if out else weight[:0]
