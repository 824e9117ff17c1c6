"""Your maxima are right, but no gradient reaches the table through them.

A loop over `.tolist()` or `.item()`, or Python's `max` of plain numbers, finds the same numbers
without the graph. `amax` keeps the graph and passes each gradient to the row that the maximum
came from; equal maxima share it.

Print `weight.grad` after a backward pass in mode max.
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
            vectors.append(rows.detach().amax(0) + 0 * rows.nan_to_num(neginf=0.0).sum(0))
    return torch.stack(vectors)
