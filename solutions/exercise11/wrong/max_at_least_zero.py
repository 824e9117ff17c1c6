"""Your maximum is never below zero.

Zeros take part in it, perhaps because the search started with zeros. So a bag of only negative
numbers gives 0. Zeros belong to empty bags only; take the maximum of the bag's own rows.

Try a table in which all numbers are negative.
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
