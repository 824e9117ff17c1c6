"""Your maxima are right, but they have lost their way back to the table.

A loop over `.tolist()` or `.item()`, or `max` of plain Python numbers, finds the same numbers
without a past. `amax` keeps the graph, and sends each gradient back to where its number came
from.
"""

# caught by: max_gradient

import torch


def embedding_bag(weight, idx, offsets, mode):
    """Take the numbers without their graph."""
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
            vectors.append(rows.detach().amax(0) + 0 * rows.sum(0))
    return torch.stack(vectors)
