# fails: max_gradient: segment_reduce gives a negative gradient whole to each equal maximum

import torch


def embedding_bag(weight, idx, offsets, mode):
    if mode != "sum" and mode != "mean" and mode != "max":
        raise ValueError(f"unknown mode {mode!r}")
    ends = torch.cat([offsets[1:], offsets.new_full((1,), idx.shape[0])])
    lengths = (ends - offsets)[: offsets.shape[0]]
    full = lengths.nonzero().flatten()
    rows = weight.double()[idx].contiguous()
    out = rows[:0].sum(0).expand(offsets.shape[0], -1)
    if full.numel():
        values = torch.segment_reduce(rows, mode, lengths=lengths[full].contiguous(), axis=0)
        out = out.index_copy(0, full, values)
    return out.to(weight.dtype)
