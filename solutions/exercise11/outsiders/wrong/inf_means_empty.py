# fails: max: max recognises empty bags by -inf, so a real maximum of -inf becomes zero
import torch


def embedding_bag(weight, idx, offsets, mode):
    if mode not in ("sum", "mean", "max"):
        raise ValueError(f"unknown mode {mode!r}")
    bags, dim = offsets.numel(), weight.shape[1]
    ends = torch.cat([offsets[1:], offsets.new_tensor([idx.numel()])])[:bags]
    counts = ends - offsets
    bag = torch.repeat_interleave(torch.arange(bags), counts)
    rows = weight[idx]
    if mode == "max":
        out = torch.full((bags, dim), float("-inf"), dtype=weight.dtype)
        best = [rows[bag == b].max(0).values if int(counts[b]) else out[b] for b in range(bags)]
        out = torch.stack(best) if best else out
        return out.masked_fill(torch.isneginf(out), 0)
    out = torch.zeros(bags, dim, dtype=weight.dtype).index_add(0, bag, rows)
    return out / counts.clamp(min=1)[:, None].to(out.dtype) if mode == "mean" else out
