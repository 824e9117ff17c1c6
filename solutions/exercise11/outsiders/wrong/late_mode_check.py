# fails: unknown_mode: the mode is only checked for bags that hold ids, so a wrong mode passes if all bags are empty
import torch


def embedding_bag(weight, idx, offsets, mode):
    dim = weight.shape[1]
    idx = idx.contiguous()
    starts = offsets.tolist()
    ends = starts[1:] + [len(idx)]
    out = []
    for start, end in zip(starts, ends):
        if start == end:
            out.append(weight[:0].sum(0))
            continue
        rows = weight[idx[start:end]]
        if mode == "sum":
            out.append(rows.sum(0))
        elif mode == "mean":
            out.append(rows.mean(0))
        elif mode == "max":
            out.append(rows.max(0).values)
        else:
            raise ValueError(f"unknown mode {mode!r}")
    if not out:
        return weight.new_zeros((0, weight.shape[1]))
    return torch.stack(out)
