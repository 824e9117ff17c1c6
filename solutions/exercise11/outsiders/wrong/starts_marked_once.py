# fails: empty_bags, inputs_untouched: bag numbers are the running count of marked starts; two bags with the same start set one mark

import torch
from torch import Tensor


def embedding_bag(weight: Tensor, idx: Tensor, offsets: Tensor, mode: str) -> Tensor:
    if mode not in ("sum", "mean", "max"):
        raise ValueError(mode)
    mark = torch.zeros(len(idx) + 1, dtype=torch.int64)
    mark[offsets] = 1
    bag = mark.cumsum(0)[:-1] - 1
    wide = torch.promote_types(weight.dtype, torch.float32)
    rows = weight.to(wide)[idx]
    out = rows.new_zeros(len(offsets), weight.shape[1])
    where = bag[:, None].expand_as(rows)
    how = {"sum": "sum", "mean": "mean", "max": "amax"}[mode]
    return out.scatter_reduce(0, where, rows, how, include_self=False).to(weight.dtype)
