"""Your result has one row too few: the last bag has no end in `offsets`, and was left out.

Pairs of neighbouring offsets give all bags but the last. That one goes to the end of `idx`, so
the length of `idx` is the end that has to be added.
"""

# caught by: sum

import torch


def embedding_bag(weight, idx, offsets, mode):
    """Pair only neighboring offsets."""
    if mode not in ("sum", "mean", "max"):
        raise ValueError(mode)
    starts = offsets.tolist()
    ends = starts[1:]
    starts = starts[:-1]
    if not starts:
        return weight.new_zeros(0, weight.shape[1])
    vectors = []
    for start, end in zip(starts, ends, strict=True):
        rows = weight[idx[start:end]]
        if start == end or mode == "sum":
            vectors.append(rows.sum(0))
        elif mode == "mean":
            vectors.append(rows.mean(0))
        else:
            vectors.append(rows.amax(0))
    return torch.stack(vectors)
