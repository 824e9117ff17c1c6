"""Your result has no row for an empty bag.

Each offset is one bag, and each bag is one row of the result, so that row i belongs to text i.
If you leave out a row, all later rows move up and belong to the wrong text. The row of an empty
bag is zeros.

Print the shape of your result for `offsets = [0, 2, 2]`: it needs three rows.
"""

# caught by: empty_bags

import torch


def embedding_bag(weight, idx, offsets, mode):
    """Leave empty bags out."""
    if mode not in ("sum", "mean", "max"):
        raise ValueError(mode)
    starts = offsets.tolist()
    ends = [*starts[1:], len(idx)]
    vectors = []
    for start, end in zip(starts, ends, strict=True):
        if start == end:
            continue
        rows = weight[idx[start:end]]
        if mode == "sum":
            vectors.append(rows.sum(0))
        elif mode == "mean":
            vectors.append(rows.mean(0))
        else:
            vectors.append(rows.amax(0))
    return torch.stack(vectors) if vectors else weight.new_zeros(0, weight.shape[1])
