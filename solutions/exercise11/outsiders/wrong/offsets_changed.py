# fails: inputs_untouched: the bag sizes are written into the caller's offsets
import torch


def embedding_bag(weight, idx, offsets, mode):
    if mode not in ("sum", "mean", "max"):
        raise ValueError(f"unknown mode {mode!r}")
    ends = torch.cat([offsets[1:], torch.tensor([idx.numel()])])[: len(offsets)]
    sizes = offsets.neg_().add_(ends)
    out = []
    for rows in weight[idx].split(sizes.tolist()) if len(sizes) else []:
        if len(rows) == 0 or mode == "sum":
            out.append(rows.sum(0))
        else:
            out.append(rows.mean(0) if mode == "mean" else rows.max(0).values)
    return torch.stack(out) if out else weight.new_zeros(0, weight.shape[1])
