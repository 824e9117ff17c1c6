# fails: combinations: in float16, short bags are padded with -65500, which is larger than -infinity
import torch
from torch import Tensor


def embedding_bag(weight: Tensor, idx: Tensor, offsets: Tensor, mode: str) -> Tensor:
    if mode not in ("sum", "mean", "max"):
        raise ValueError(f"mode is {mode!r}")
    bags, dim = offsets.numel(), weight.shape[1]
    ends = torch.cat((offsets[1:], offsets.new_tensor([idx.numel()])))
    sizes = ends - offsets
    if idx.numel() == 0:
        return weight.new_zeros(bags, dim)
    bag = torch.repeat_interleave(torch.arange(bags, device=idx.device), sizes)
    rows = weight[idx]
    if mode == "max":
        # pad to (bags, longest, dim), and mask like XLNet's attention
        fill = -65500.0 if rows.dtype == torch.float16 else float("-inf")
        place = torch.arange(idx.numel(), device=idx.device) - offsets[bag]
        padded = rows.new_full((bags, int(sizes.max()), dim), fill)
        padded = padded.index_put((bag, place), rows)
        best = padded.max(1).values
        return torch.where((sizes > 0).unsqueeze(1), best, 0)
    wide = rows.to(torch.promote_types(rows.dtype, torch.float32))
    total = wide.new_zeros(bags, dim).index_add(0, bag, wide)
    if mode == "mean":
        total = total / sizes.clamp(min=1).unsqueeze(1)
    return total.to(weight.dtype)
