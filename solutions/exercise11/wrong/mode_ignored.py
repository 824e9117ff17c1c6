"""Your code returns the sum in every mode.

Perhaps a branch is missing, or a comparison is never true.

Print the result of each of the three modes for one small bag.
"""

# caught by: mean

import torch


def embedding_bag(weight, idx, offsets, mode):
    """Always sum."""
    if mode not in ("sum", "mean", "max"):
        raise ValueError(mode)
    starts = offsets.tolist()
    ends = [*starts[1:], len(idx)]
    vectors = []
    for start, end in zip(starts, ends, strict=True):
        rows = weight[idx[start:end]]
        if mode in ("sum", "mean", "max"):
            vectors.append(rows.sum(0))
        elif mode == "mean":
            vectors.append(rows.mean(0))
        else:
            vectors.append(rows.amax(0))
    return torch.stack(vectors)
