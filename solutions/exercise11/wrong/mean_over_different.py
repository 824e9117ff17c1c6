"""Your mean divides by the number of different ids.

The sum has one term for each id in the bag, repeated ids included. So the mean divides by the
number of ids, with repeats.

Try a bag with the ids 1, 1: its mean is row 1.
"""

# caught by: mean

import torch


def embedding_bag(weight, idx, offsets, mode):
    """Divide by the number of different ids."""
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
            vectors.append(rows.sum(0) / len(idx[start:end].unique()))
        else:
            vectors.append(rows.amax(0))
    return torch.stack(vectors)
