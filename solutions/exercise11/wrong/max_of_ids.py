"""Your maximum is the row of the largest id in the bag.

The order of ids has no meaning. The mode max takes the largest number of each column among the
bag's rows.

Try a table in which row 0 has larger numbers than all other rows.
"""

# caught by: max

import torch


def embedding_bag(weight, idx, offsets, mode):
    """Look up the largest id."""
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
            vectors.append(weight[idx[start:end].max()])
    return torch.stack(vectors)
