"""Your bags overlap: each one also holds the first id of the next.

A bag ends before the next one begins. `idx[start:end]` leaves the position end out already, so
there is nothing to be added to it.
"""

# caught by: sum

import torch


def embedding_bag(weight, idx, offsets, mode):
    """Include the position where the next bag begins."""
    if mode not in ("sum", "mean", "max"):
        raise ValueError(mode)
    starts = offsets.tolist()
    ends = [*(start + 1 for start in starts[1:]), len(idx)]
    vectors = []
    for start, end in zip(starts, ends, strict=True):
        rows = weight[idx[start:end]]
        if mode == "sum":
            vectors.append(rows.sum(0))
        elif not len(rows):
            vectors.append(rows.sum(0))
        elif mode == "mean":
            vectors.append(rows.mean(0))
        else:
            vectors.append(rows.amax(0))
    return torch.stack(vectors)
