"""Your code splits the ids into parts whose sizes are `offsets`.

Offsets are where the bags start. The two are easy to confuse, because both have one number per
bag: the differences between offsets are the sizes. The first offset is always 0, so as a size
it would make the first bag empty.

Print the ids of each bag for `offsets = [0, 2]` and four ids.
"""

# caught by: sum

import torch


def embedding_bag(weight, idx, offsets, mode):
    """Split at sizes."""
    if mode not in ("sum", "mean", "max"):
        raise ValueError(mode)
    vectors = []
    for rows in torch.split(weight[idx], offsets.tolist()):
        if not len(rows) or mode == "sum":
            vectors.append(rows.sum(0))
        elif mode == "mean":
            vectors.append(rows.mean(0))
        else:
            vectors.append(rows.amax(0))
    return torch.stack(vectors)
