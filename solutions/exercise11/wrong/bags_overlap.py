"""Your bags overlap: each one also contains the first id of the next bag.

A bag ends just before the next one starts. A slice `idx[start:end]` already leaves out the
position end, so you need not add anything to it.

Print the ids of each bag for `offsets = [0, 2]` and four ids.
"""

# caught by: sum

import torch


def embedding_bag(weight, idx, offsets, mode):
    """Include the position where the next bag begins."""
    if mode not in ("sum", "mean", "max"):
        raise ValueError(mode)
    starts = offsets.tolist()
    ends = [*(start + 1 for start in starts[1:]), len(idx)]
    vectors = []
    for start, end in zip(starts, ends, strict=True):
        rows = weight[idx[start:end]]
        if mode == "sum":
            vectors.append(rows.sum(0))
        elif not len(rows):
            vectors.append(rows.sum(0))
        elif mode == "mean":
            vectors.append(rows.mean(0))
        else:
            vectors.append(rows.amax(0))
    return torch.stack(vectors)
