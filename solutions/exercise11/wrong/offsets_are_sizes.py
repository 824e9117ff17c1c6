"""Your code takes `offsets` for the sizes of the bags.

They say where each bag begins. Cumulated sizes give offsets, and differences of offsets give
sizes; the two are easily taken for each other, since both are one number per bag. `offsets[0]`
is 0 always, which would be an empty first bag.
"""

# caught by: sum

import torch


def embedding_bag(weight, idx, offsets, mode):
    """Treat offsets as sizes."""
    if mode not in ("sum", "mean", "max"):
        raise ValueError(mode)
    starts = [0, *offsets.cumsum(0).tolist()[:-1]]
    ends = offsets.cumsum(0).tolist()
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
