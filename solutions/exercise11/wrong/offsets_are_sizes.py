"""Your code uses `offsets` as the sizes of the bags.

Offsets are where the bags start. The two are easy to confuse, because both have one number per
bag: the differences between offsets are the sizes. The first offset is always 0, so as a size
it would make the first bag empty.

Print the ids of each bag for `offsets = [0, 2]` and four ids.
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
