# fails: combinations: the bags that start at a place are counted in 8 bits
import torch
from torch import Tensor


def embedding_bag(weight: Tensor, idx: Tensor, offsets: Tensor, mode: str) -> Tensor:
    if mode not in ("sum", "mean", "max"):
        raise ValueError(mode)
    bags, count, dim = offsets.numel(), idx.numel(), weight.shape[1]
    starts = torch.zeros(count + 1, dtype=torch.uint8, device=idx.device)
    starts.index_add_(0, offsets, torch.ones(bags, dtype=torch.uint8, device=idx.device))
    bag = starts[:count].cumsum(0) - 1
    lengths = torch.bincount(bag, minlength=bags)
    rows = weight[idx]
    if mode == "max":
        start = weight.new_full((bags, dim), float("-inf"))
        out = start.scatter_reduce(0, bag.unsqueeze(1).expand_as(rows), rows, "amax")
        return torch.where((lengths == 0).unsqueeze(1), torch.zeros_like(out), out)
    wide = torch.float64 if weight.dtype == torch.float64 else torch.float32
    out = torch.zeros(bags, dim, dtype=wide).index_add(0, bag, rows.to(wide))
    if mode == "mean":
        out = out / lengths.clamp(min=1).unsqueeze(1)
    return out.to(weight.dtype)
