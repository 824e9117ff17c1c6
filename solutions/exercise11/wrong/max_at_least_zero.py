"""Your maximum is never below zero.

The search began with zeros, and they take part in it: a bag of nothing but negative numbers
comes out as 0. Zeros are for empty bags only. Begin with the first row of the bag, or reduce
the rows alone.
"""

# caught by: max

import torch


def embedding_bag(weight, idx, offsets, mode):
    """Let zeros take part in the maximum."""
    if mode not in ("sum", "mean", "max"):
        raise ValueError(mode)
    starts = offsets.tolist()
    ends = [*starts[1:], len(idx)]
    vectors = []
    for start, end in zip(starts, ends, strict=True):
        rows = weight[idx[start:end]]
        if start == end or mode == "sum":
            vectors.append(rows.sum(0))
        elif mode == "mean":
            vectors.append(rows.mean(0))
        else:
            vectors.append(rows.amax(0).clamp(min=0))
    return torch.stack(vectors)
