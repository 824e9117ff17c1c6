"""Your mean divides each bag by the number of all ids.

Each bag has its own mean: the sum of its rows divided by the number of its ids. The ids of other
bags do not affect it.

Compare the mean of one bag alone with its mean among three bags.
"""

# caught by: mean

import torch


def embedding_bag(weight, idx, offsets, mode):
    """Divide by all ids."""
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
            vectors.append(rows.sum(0) / len(idx))
        else:
            vectors.append(rows.amax(0))
    return torch.stack(vectors)
