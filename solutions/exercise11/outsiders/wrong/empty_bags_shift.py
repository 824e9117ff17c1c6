# fails: empty_bags, inputs_untouched: bag numbers come from marks at the offsets and a cumulative sum; equal offsets leave one mark, so ids after an empty bag land in an earlier bag
import torch


def embedding_bag(weight, idx, offsets, mode):
    if mode not in ("sum", "mean", "max"):
        raise ValueError(f"unknown mode {mode!r}")
    bags, dim = offsets.numel(), weight.shape[1]
    ends = torch.cat([offsets[1:], offsets.new_tensor([idx.numel()])])[:bags]
    counts = ends - offsets
    mark = torch.zeros(idx.numel() + 1, dtype=torch.int64)
    mark[offsets] = 1
    bag = mark.cumsum(0)[:-1] - 1
    counts = torch.bincount(bag, minlength=bags)
    rows = weight[idx]
    if mode == "max":
        best = [
            rows[bag == b].max(0).values if int(counts[b]) else weight.new_zeros(dim)
            for b in range(bags)
        ]
        return torch.stack(best) if best else weight.new_zeros(0, dim)
    out = torch.zeros(bags, dim, dtype=weight.dtype).index_add(0, bag, rows)
    return out / counts.clamp(min=1)[:, None].to(out.dtype) if mode == "mean" else out
