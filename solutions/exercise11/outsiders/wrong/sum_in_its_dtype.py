# fails: dtype: adds thousands of rows one by one in bfloat16

import torch


def embedding_bag(weight, idx, offsets, mode):
    if mode not in ("sum", "mean", "max"):
        raise ValueError(mode)
    starts = offsets.tolist()
    ends = [*starts[1:], idx.numel()]
    wide = torch.float64 if weight.dtype == torch.float64 else torch.float32
    bags = []
    for a, b in zip(starts, ends, strict=True):
        rows = weight[idx[a:b]].to(wide)
        if a == b:
            bag = torch.zeros(weight.shape[1], dtype=wide)
        elif mode == "sum":
            bag = weight.new_zeros(weight.shape[1])
            for row in weight[idx[a:b]]:
                bag = bag + row
        elif mode == "mean":
            bag = rows.mean(0)
        else:
            bag = rows.amax(0)
        bags.append(bag.to(weight.dtype))
    return torch.stack(bags)
