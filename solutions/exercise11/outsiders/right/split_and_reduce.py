"""Split the looked-up rows by the sizes of the bags; sums are taken in float32 or float64."""

import torch
from torch import Tensor


def _sum(rows: Tensor) -> Tensor:
    return rows.sum(0)


def _mean(rows: Tensor) -> Tensor:
    return rows.sum(0) / max(len(rows), 1)


def _max(rows: Tensor) -> Tensor:
    return rows.amax(0) if len(rows) else rows.sum(0)


def embedding_bag(weight: Tensor, idx: Tensor, offsets: Tensor, mode: str) -> Tensor:
    try:
        reduce = {"sum": _sum, "mean": _mean, "max": _max}[mode]
    except (KeyError, TypeError):
        raise ValueError(f"unknown mode {mode!r}") from None
    if len(offsets) == 0:
        return weight.new_zeros(0, weight.shape[1])
    sizes = torch.diff(offsets, append=offsets.new_tensor([len(idx)])).tolist()
    wide = weight.to(torch.promote_types(weight.dtype, torch.float32))
    return torch.stack([reduce(part) for part in wide[idx].split(sizes)]).to(weight.dtype)
