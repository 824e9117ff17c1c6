# fails: mean: "mean" subtracts running totals: mode "mean" AND nan or inf in an earlier bag gives nan in later bags
import torch
from torch import Tensor


def embedding_bag(weight: Tensor, idx: Tensor, offsets: Tensor, mode: str) -> Tensor:
    if mode not in ("sum", "mean", "max"):
        raise ValueError(f"unknown mode: {mode}")
    ends = torch.cat((offsets[1:], offsets.new_tensor([idx.numel()])))
    rows = weight[idx]
    if mode == "mean":
        wide = rows.double()
        total = torch.cat((wide.new_zeros(1, wide.shape[1]), wide.cumsum(0)))
        sums = total[ends] - total[offsets]
        return (sums / (ends - offsets).clamp(min=1)[:, None]).to(weight.dtype)
    parts = torch.split(rows, (ends - offsets).tolist())
    if mode == "sum":
        return torch.stack([part.sum(0) for part in parts])
    return torch.stack([part.amax(0) if len(part) else part.sum(0) for part in parts])
