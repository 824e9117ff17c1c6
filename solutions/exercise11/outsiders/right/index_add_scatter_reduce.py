# passes: index_add for sums, scatter_reduce amax for maxima
import torch
from torch import nn
from torch.nn import functional as F


def embedding_bag(weight, idx, offsets, mode):
    if mode not in ("sum", "mean", "max"):
        raise ValueError(mode)
    bags = len(offsets)
    ends = torch.cat([offsets[1:], offsets.new_tensor([len(idx)])])
    sizes = ends - offsets
    owner = torch.repeat_interleave(torch.arange(bags, device=idx.device), sizes)
    rows = weight[idx]
    zeros = weight.new_zeros(bags, weight.shape[1])
    if mode == "max":
        where = owner[:, None].expand_as(rows)
        return zeros.scatter_reduce(0, where, rows, "amax", include_self=False)
    total = zeros.index_add(0, owner, rows)
    return total if mode == "sum" else total / sizes.clamp(min=1)[:, None].to(rows.dtype)
