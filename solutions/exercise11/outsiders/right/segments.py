# passes: index_add for sums, scatter_reduce for maxima
import torch


def embedding_bag(weight, idx, offsets, mode):
    if mode not in ("sum", "mean", "max"):
        raise ValueError(f"unknown mode: {mode}")
    ends = torch.cat([offsets[1:], offsets.new_tensor([len(idx)])])
    sizes = ends - offsets
    owner = torch.repeat_interleave(sizes)
    rows = weight[idx]
    if mode == "max":
        # From zeros, a maximum of exactly 0 would share its gradient with them.
        start = weight.new_full((len(offsets), weight.shape[1]), -torch.inf)
        largest = start.scatter_reduce(
            0, owner[:, None].expand_as(rows), rows, "amax", include_self=False
        )
        return largest.masked_fill(sizes[:, None] == 0, 0.0)
    total = weight.new_zeros(len(offsets), weight.shape[1]).index_add(0, owner, rows)
    return total if mode == "sum" else total / sizes.clamp(min=1)[:, None].to(weight.dtype)
