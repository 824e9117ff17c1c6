# passes: the weight gets one more row, zero or -infinity, as padding for short bags
import torch


def embedding_bag(weight, idx, offsets, mode):
    if mode not in ("sum", "mean", "max"):
        raise ValueError("unknown mode")
    num, dim = weight.shape
    bags = len(offsets)
    ends = torch.cat([offsets[1:], torch.tensor([len(idx)])])[:bags]
    sizes = ends - offsets
    width = max(sizes.tolist(), default=0) or 1
    filled = torch.arange(width) < sizes[:, None]
    ids = torch.full((bags, width), num)
    ids[filled] = idx[(offsets[:, None] + torch.arange(width))[filled]]
    pad = weight.new_full((1, dim), float("-inf") if mode == "max" else 0.0)
    rows = torch.cat([weight, pad])[ids]
    if mode == "max":
        best = rows.max(1).values
        return torch.where(sizes[:, None] > 0, best, torch.zeros_like(best))
    wide = torch.float64 if weight.dtype == torch.float64 else torch.float32
    total = rows.to(wide).sum(1)
    if mode == "mean":
        total = total / sizes.clamp(min=1)[:, None]
    return total.to(weight.dtype)
