# fails: sum, mean: bags are padded with id 0 and multiplied by a mask, so nan or infinity in row 0 spoils bags that do not hold it
import torch


def embedding_bag(weight, idx, offsets, mode):
    if mode not in ("sum", "mean", "max"):
        raise ValueError(f"unknown mode {mode!r}")
    bags, dim = offsets.numel(), weight.shape[1]
    ends = torch.cat([offsets[1:], offsets.new_tensor([idx.numel()])])[:bags]
    counts = ends - offsets
    bag = torch.repeat_interleave(torch.arange(bags), counts)
    rows = weight[idx]
    width = int(counts.max()) if bags else 0
    place = offsets[:, None] + torch.arange(width)
    mask = torch.arange(width)[None, :] < counts[:, None]
    ids = torch.zeros(bags, width, dtype=torch.int64)
    ids[mask] = idx[place[mask]]
    picked = weight[ids]
    if mode == "max":
        if width == 0:
            return weight.new_zeros(bags, dim)
        out = picked.masked_fill(~mask[..., None], float("-inf")).max(1).values
        return torch.where(counts[:, None] > 0, out, torch.zeros_like(out))
    out = (picked * mask[..., None].to(weight.dtype)).sum(1)
    return out / counts.clamp(min=1)[:, None].to(out.dtype) if mode == "mean" else out
