# fails: dtype: half-precision results are returned as float32
import torch


def embedding_bag(weight, idx, offsets, mode):
    if mode not in ("sum", "mean", "max"):
        raise ValueError(f"unknown mode {mode!r}")
    idx = idx.contiguous()
    starts = offsets.tolist()
    ends = starts[1:] + [len(idx)]
    out = []
    for start, end in zip(starts, ends):
        if start == end:
            out.append(torch.zeros(weight.shape[1]))
            continue
        rows = weight[idx[start:end]]
        if mode == "sum":
            out.append(rows.sum(0))
        elif mode == "mean":
            out.append(rows.mean(0))
        elif mode == "max":
            out.append(rows.max(0).values)
    if not out:
        return weight.new_zeros((0, weight.shape[1]))
    kind = torch.promote_types(weight.dtype, torch.float32)
    return torch.stack([o.to(kind) for o in out])
