"""Your code uses `offsets` as the ends of the bags.

Each offset is the start of its bag. If you read offsets as ends, the first bag is always empty,
each bag gets the ids of the bag before it, and the ids after the last offset belong to no bag.

Print the ids of each bag for `offsets = [0, 2]` and four ids.
"""

# caught by: sum

import torch


def embedding_bag(weight, idx, offsets, mode):
    """End each bag at its offset."""
    if mode not in ("sum", "mean", "max"):
        raise ValueError(mode)
    ends = offsets.tolist()
    starts = [0, *ends[:-1]]
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
