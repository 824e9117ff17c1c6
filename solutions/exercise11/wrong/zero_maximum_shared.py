"""Your maxima are right, but a maximum of exactly 0 passes on only a part of its gradient.

The backward pass of `scatter_reduce` also compares the numbers of the tensor that you call it on
with each maximum, even with `include_self=False`. Zeros that equal the maximum get a share of the
gradient.

Call it on a tensor full of `nan`, which equals nothing, and then set the empty bags to 0.
"""

# caught by: max_gradient

import torch


def embedding_bag(weight, idx, offsets, mode):
    """Reduce into zeros."""
    reduce = {"sum": "sum", "mean": "mean", "max": "amax"}.get(mode)
    if reduce is None:
        raise ValueError(f"unknown mode {mode!r}")
    lengths = torch.diff(offsets, append=torch.tensor([len(idx)]))
    bag = torch.repeat_interleave(lengths)
    rows = weight.double()[idx]
    start = rows.new_zeros(len(offsets), rows.shape[1])
    where = bag.reshape(-1, 1).expand(rows.shape)
    return start.scatter_reduce(0, where, rows, reduce, include_self=False).to(weight.dtype)
