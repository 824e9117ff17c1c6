# fails: dtype: everything is computed in float32 and cast back, so float64 loses its digits
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
            out.append(weight[:0].sum(0))
            continue
        rows = weight[idx[start:end]].float()
        if mode == "sum":
            out.append(rows.sum(0).to(weight.dtype))
        elif mode == "mean":
            out.append(rows.mean(0).to(weight.dtype))
        elif mode == "max":
            out.append(rows.max(0).values.to(weight.dtype))
    if not out:
        return weight.new_zeros((0, weight.shape[1]))
    return torch.stack(out)
