"""Your empty bags give minus infinity for max.

Minus infinity is a good start for finding the largest number, but it remains if there is no
number. PyTorch defines the vector of an empty bag as zeros in every mode.

Call your function with `offsets = [0, 0]` and mode max.
"""

# caught by: empty_bags

import torch


def embedding_bag(weight, idx, offsets, mode):
    """Start the maximum at minus infinity."""
    if mode not in ("sum", "mean", "max"):
        raise ValueError(mode)
    starts = offsets.tolist()
    ends = [*starts[1:], len(idx)]
    vectors = []
    for start, end in zip(starts, ends, strict=True):
        rows = weight[idx[start:end]]
        if mode == "sum" or (mode == "mean" and start == end):
            vectors.append(rows.sum(0))
        elif mode == "mean":
            vectors.append(rows.mean(0))
        else:
            vectors.append(
                torch.cat([rows.new_full((1, rows.shape[1]), float("-inf")), rows]).amax(0)
            )
    return torch.stack(vectors)
