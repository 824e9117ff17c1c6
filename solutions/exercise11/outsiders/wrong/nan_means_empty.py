# fails: mean: the nan of an empty bag becomes zero, and so does that of a bag with a row of nan
import torch
from torch import Tensor


def embedding_bag(weight: Tensor, idx: Tensor, offsets: Tensor, mode: str) -> Tensor:
    if mode not in ("sum", "mean", "max"):
        raise ValueError(mode)
    bags, dim = offsets.numel(), weight.shape[1]
    ends = torch.cat([offsets[1:], offsets.new_tensor([idx.numel()])])
    lengths = ends - offsets
    bag = torch.repeat_interleave(torch.arange(bags, device=idx.device), lengths)
    rows = weight[idx]
    if mode == "max":
        start = weight.new_full((bags, dim), float("-inf"))
        out = start.scatter_reduce(0, bag.unsqueeze(1).expand_as(rows), rows, "amax")
        return torch.where((lengths == 0).unsqueeze(1), torch.zeros_like(out), out)
    wide = torch.float64 if weight.dtype == torch.float64 else torch.float32
    out = torch.zeros(bags, dim, dtype=wide).index_add(0, bag, rows.to(wide))
    if mode == "mean":
        out = out / lengths.unsqueeze(1)
        out = torch.nan_to_num(out, nan=0.0, posinf=float("inf"), neginf=float("-inf"))
    return out.to(weight.dtype)
