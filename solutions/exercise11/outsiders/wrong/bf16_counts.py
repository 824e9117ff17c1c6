# fails: dtype: the ids of a bag are counted by adding ones in the weight's dtype, which sticks at 256 in bfloat16 and 2048 in float16
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
        rows = weight[idx[start:end]]
        size = torch.zeros((), dtype=weight.dtype)
        for _ in range(end - start):
            size = size + 1
        if mode == "sum":
            out.append(rows.sum(0))
        elif mode == "mean":
            out.append(rows.sum(0) / size)
        elif mode == "max":
            out.append(rows.max(0).values)
    if not out:
        return weight.new_zeros((0, weight.shape[1]))
    return torch.stack(out)
