"""Your code takes `offsets` for the ends of the bags.

Each offset is where its bag begins. Read as ends, the first bag is always empty, each bag holds
what belongs to the one before it, and the ids after the last offset are in no bag at all.
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
