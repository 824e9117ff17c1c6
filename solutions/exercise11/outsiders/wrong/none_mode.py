# fails: unknown_mode: the empty string counts as sum
import torch
import torch.nn.functional as F


def embedding_bag(weight, idx, offsets, mode):
    mode = mode or "sum"
    if mode not in ("sum", "mean", "max"):
        raise ValueError(mode)
    s = offsets.tolist()
    e = s[1:] + [len(idx)]
    out = []
    for a, b in zip(s, e):
        r = weight[idx[a:b]]
        if a == b:
            out.append(weight.new_zeros(weight.shape[1]))
            continue
        out.append(r.sum(0) if mode == "sum" else r.mean(0) if mode == "mean" else r.max(0).values)
    return torch.stack(out)
