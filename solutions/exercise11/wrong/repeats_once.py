"""Your bags count a repeated id only once.

A bag is not a set: an id that occurs twice counts twice in the sum and in the mean. `unique`
and `set` remove the repeats.

Try a bag with the ids 1, 1: its sum is twice row 1.
"""

# caught by: sum

import torch


def embedding_bag(weight, idx, offsets, mode):
    """Make a set of each bag."""
    if mode not in ("sum", "mean", "max"):
        raise ValueError(mode)
    starts = offsets.tolist()
    ends = [*starts[1:], len(idx)]
    vectors = []
    for start, end in zip(starts, ends, strict=True):
        rows = weight[idx[start:end].unique()]
        if start == end or mode == "sum":
            vectors.append(rows.sum(0))
        elif mode == "mean":
            vectors.append(rows.mean(0))
        else:
            vectors.append(rows.amax(0))
    return torch.stack(vectors)
