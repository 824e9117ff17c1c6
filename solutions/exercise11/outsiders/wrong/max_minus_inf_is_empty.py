# fails: max, combinations: a result of -inf is taken as an empty bag: mode "max" AND a maximum of -inf gives 0
import torch
from torch import Tensor


def embedding_bag(weight: Tensor, idx: Tensor, offsets: Tensor, mode: str) -> Tensor:
    if mode not in ("sum", "mean", "max"):
        raise ValueError(f"unknown mode {mode!r}")
    bags, dim = len(offsets), weight.shape[1]
    ends = torch.cat([offsets[1:], offsets.new_tensor([len(idx)])])
    sizes = ends - offsets
    bag = torch.repeat_interleave(torch.arange(bags), sizes)
    rows = weight[idx]
    if mode == "max":
        result = weight.new_full((bags, dim), float("-inf"))
        place = bag[:, None].expand(-1, dim)
        result = result.scatter_reduce(0, place, rows, "amax", include_self=True)
        return result.masked_fill(result == float("-inf"), 0)
    total = torch.zeros(bags, dim, dtype=torch.promote_types(weight.dtype, torch.float32))
    total = total.index_add(0, bag, rows.to(total.dtype))
    if mode == "mean":
        total = total / sizes.clamp(min=1)[:, None]
    return total.to(weight.dtype)
