"""Your empty bags give nan for mean.

The mean of no rows is 0 / 0, which is nan. PyTorch defines the vector of an empty bag as zeros,
so that a text without known words does not spoil the whole batch. Handle an empty bag before
you divide, or divide by at least 1.

Try `torch.zeros(0, 3).mean(0)` and `torch.zeros(0, 3).sum(0)`.
"""

# caught by: empty_bags

import torch


def embedding_bag(weight, idx, offsets, mode):
    """Divide by zero."""
    if mode not in ("sum", "mean", "max"):
        raise ValueError(mode)
    starts = offsets.tolist()
    ends = [*starts[1:], len(idx)]
    vectors = []
    for start, end in zip(starts, ends, strict=True):
        rows = weight[idx[start:end]]
        if mode == "sum" or (mode == "max" and start == end):
            vectors.append(rows.sum(0))
        elif mode == "mean":
            vectors.append(rows.mean(0))
        else:
            vectors.append(rows.amax(0))
    return torch.stack(vectors)
