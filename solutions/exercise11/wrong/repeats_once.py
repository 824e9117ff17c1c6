"""Your bags count an id once, however often it is in them.

A bag is no set: a word that occurs twice has twice the weight in the sum, and two places in the
mean. `unique` and `set` throw that away.
"""

# caught by: sum

import torch


def embedding_bag(weight, idx, offsets, mode):
    """Make a set of each bag."""
    if mode not in ("sum", "mean", "max"):
        raise ValueError(mode)
    starts = offsets.tolist()
    ends = [*starts[1:], len(idx)]
    vectors = []
    for start, end in zip(starts, ends, strict=True):
        rows = weight[idx[start:end].unique()]
        if start == end or mode == "sum":
            vectors.append(rows.sum(0))
        elif mode == "mean":
            vectors.append(rows.mean(0))
        else:
            vectors.append(rows.amax(0))
    return torch.stack(vectors)
