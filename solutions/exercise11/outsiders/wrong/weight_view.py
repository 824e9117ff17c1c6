# fails: sum, mean, max, sum_gradient, max_gradient: the weight is flattened by view, which fails for a weight that is not contiguous
import torch


def embedding_bag(weight, idx, offsets, mode):
    if mode not in ("sum", "mean", "max"):
        raise ValueError(f"unknown mode {mode!r}")
    flat, dim = weight.view(-1), weight.shape[1]
    starts = offsets.tolist()
    ends = starts[1:] + [len(idx)]
    out = []
    for start, end in zip(starts, ends):
        if start == end:
            out.append(weight[:0].sum(0))
            continue
        rows = flat[idx[start:end, None] * dim + torch.arange(dim)]
        if mode == "sum":
            out.append(rows.sum(0))
        elif mode == "mean":
            out.append(rows.mean(0))
        elif mode == "max":
            out.append(rows.max(0).values)
    if not out:
        return weight.new_zeros((0, weight.shape[1]))
    return torch.stack(out)
