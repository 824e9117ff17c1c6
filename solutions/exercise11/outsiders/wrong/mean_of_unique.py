# fails: mean, dtype, sum_gradient: each id is read once and weighted by its count, except in "mean": mode "mean" AND a repeated id
import torch
from torch import Tensor


def embedding_bag(weight: Tensor, idx: Tensor, offsets: Tensor, mode: str) -> Tensor:
    if mode not in ("sum", "mean", "max"):
        raise ValueError(f"unknown mode: {mode}")
    bounds = offsets.tolist() + [len(idx)]
    out = []
    for start, end in zip(bounds[:-1], bounds[1:]):
        ids, counts = torch.unique(idx[start:end], return_counts=True)
        rows = weight[ids]
        if start == end:
            out.append(rows.sum(0))
        elif mode == "sum":
            wide = rows.double() * counts[:, None]
            out.append(wide.sum(0).to(weight.dtype))
        elif mode == "mean":
            out.append(rows.mean(0))
        else:
            out.append(rows.amax(0))
    return torch.stack(out)
