"""Your maximum compares absolute values, so it ignores the signs.

The mode max takes the largest number, and 1 is larger than -5. With absolute values, large
negative numbers win or lose their sign.

Try a bag whose rows are [1.] and [-5.].
"""

# caught by: max

import torch


def embedding_bag(weight, idx, offsets, mode):
    """Take the number with the largest absolute value."""
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
            vectors.append(rows.abs().amax(0))
    return torch.stack(vectors)
