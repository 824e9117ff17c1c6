# fails: sum, mean: bags are summed by a 0/1 matrix product, so a nan or infinity of another bag gives nan
import torch


def embedding_bag(weight, idx, offsets, mode):
    if mode not in ("sum", "mean", "max"):
        raise ValueError(f"unknown mode {mode!r}")
    bags, dim = offsets.numel(), weight.shape[1]
    ends = torch.cat([offsets[1:], offsets.new_tensor([idx.numel()])])[:bags]
    counts = ends - offsets
    bag = torch.repeat_interleave(torch.arange(bags), counts)
    rows = weight[idx]
    member = torch.arange(bags)[:, None] == bag[None, :]
    if mode == "max":
        best = [
            rows[member[b]].max(0).values if int(counts[b]) else weight.new_zeros(dim)
            for b in range(bags)
        ]
        return torch.stack(best) if best else weight.new_zeros(0, dim)
    out = member.to(weight.dtype) @ rows
    return out / counts.clamp(min=1)[:, None].to(out.dtype) if mode == "mean" else out
