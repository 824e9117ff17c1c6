"""Your code returns the sum, whichever mode is asked for.

A branch may be missing, or it compares in a way that never holds. Print what your code does for
each of the three modes on one small bag.
"""

# caught by: mean

import torch


def embedding_bag(weight, idx, offsets, mode):
    """Always sum."""
    if mode not in ("sum", "mean", "max"):
        raise ValueError(mode)
    starts = offsets.tolist()
    ends = [*starts[1:], len(idx)]
    vectors = []
    for start, end in zip(starts, ends, strict=True):
        rows = weight[idx[start:end]]
        if mode in ("sum", "mean", "max"):
            vectors.append(rows.sum(0))
        elif mode == "mean":
            vectors.append(rows.mean(0))
        else:
            vectors.append(rows.amax(0))
    return torch.stack(vectors)
