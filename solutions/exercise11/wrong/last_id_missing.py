"""Your last bag lacks its last id.

A slice `idx[start:end]` stops before end. So the last bag ends at `len(idx)`, not at `len(idx)
- 1` and not at -1.

Print the ids of each bag for `offsets = [0, 2]` and four ids.
"""

# caught by: sum

import torch


def embedding_bag(weight, idx, offsets, mode):
    """End the last bag one too early."""
    if mode not in ("sum", "mean", "max"):
        raise ValueError(mode)
    starts = offsets.tolist()
    ends = [*starts[1:], max(len(idx) - 1, starts[-1])]
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
