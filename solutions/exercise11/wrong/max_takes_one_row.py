"""Your maximum takes one whole row of the bag.

Rows have no order, so your code had to choose one by its sum or its norm. The mode max takes
the largest number of each column, and these may come from different rows.

Try a bag whose rows are [1., 0.] and [0., 1.]: the result is [1., 1.].
"""

# caught by: max

import torch


def embedding_bag(weight, idx, offsets, mode):
    """Take the row with the largest sum."""
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
            vectors.append(rows[rows.sum(1).argmax()])
    return torch.stack(vectors)
