# fails: empty_bags, combinations: if any bag is empty, all maxima start at 0: mode "max" with negative maxima AND an empty bag elsewhere gives 0
import torch
from torch import Tensor


def embedding_bag(weight: Tensor, idx: Tensor, offsets: Tensor, mode: str) -> Tensor:
    if mode not in ("sum", "mean", "max"):
        raise ValueError(f"mode is {mode!r}")
    bags, dim = offsets.numel(), weight.shape[1]
    sizes = torch.diff(offsets, append=offsets.new_tensor([idx.numel()]))
    bag = torch.arange(bags).repeat_interleave(sizes)
    wide = torch.promote_types(weight.dtype, torch.float32)
    rows = weight[idx].to(wide)
    if mode == "max":
        # empty bags give zeros
        start = 0.0 if bool((sizes == 0).any()) else float("-inf")
        result = torch.full((bags, dim), start, dtype=wide)
        result = result.scatter_reduce(0, bag[:, None].expand(-1, dim), rows, "amax")
    else:
        result = torch.zeros(bags, dim, dtype=wide).index_add(0, bag, rows)
        if mode == "mean":
            result = result / sizes.clamp(min=1)[:, None]
    return result.to(weight.dtype)
