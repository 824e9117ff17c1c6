# fails: max_gradient: the zeros that scatter_reduce starts from count as equal maxima, so a maximum of exactly 0 passes on half its gradient
import torch


def embedding_bag(weight, idx, offsets, mode):
    reduce = {"sum": "sum", "mean": "mean", "max": "amax"}.get(mode)
    if reduce is None:
        raise ValueError(f"unknown mode {mode!r}")
    lengths = torch.diff(offsets, append=torch.tensor([len(idx)]))
    bag = torch.repeat_interleave(lengths)
    rows = weight.double()[idx]
    start = rows.new_zeros(len(offsets), rows.shape[1])
    where = bag.reshape(-1, 1).expand(rows.shape)
    return start.scatter_reduce(0, where, rows, reduce, include_self=False).to(weight.dtype)
