"""Your last bag lacks its last id.

The end of a slice is not part of it: `idx[start:end]` stops before end. So the last bag ends at
`len(idx)`, and neither at `len(idx) - 1` nor at `-1`.
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
