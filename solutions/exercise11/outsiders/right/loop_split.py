# passes: one split of the looked-up rows into bags, then a reduction for each
import torch


def embedding_bag(weight, idx, offsets, mode):
    if mode not in ("sum", "mean", "max"):
        raise ValueError(f"mode must be sum, mean or max, not {mode!r}")
    if len(offsets) == 0:
        return weight[:0] + 0
    cuts = offsets[1:].tolist()
    out = []
    for rows in torch.tensor_split(weight[idx], cuts):
        if mode == "sum" or len(rows) == 0:
            out.append(rows.sum(0))
        elif mode == "mean":
            out.append(rows.mean(0))
        else:
            out.append(rows.max(0).values)
    return torch.stack(out)
