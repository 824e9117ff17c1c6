"""Your result lacks the last bag.

Pairs of neighboring offsets give every bag except the last one, because its end is not in
`offsets`. The last bag ends at the end of `idx`.

Print the shape of your result: it needs one row per offset.
"""

# caught by: sum

import torch


def embedding_bag(weight, idx, offsets, mode):
    """Pair only neighboring offsets."""
    if mode not in ("sum", "mean", "max"):
        raise ValueError(mode)
    starts = offsets.tolist()
    ends = starts[1:]
    starts = starts[:-1]
    if not starts:
        return weight.new_zeros(0, weight.shape[1])
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
