"""Your maxima are right, but their gradient goes to all rows of the bag.

Only the number that won has an influence on the result: a small change of any other changes
nothing. A softmax or a mean that is nudged to the right value has another gradient than the
maximum itself.
"""

# caught by: max_gradient

import torch


def embedding_bag(weight, idx, offsets, mode):
    """Give all rows of the bag a share."""
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
            vectors.append(rows.mean(0) + (rows.amax(0) - rows.mean(0)).detach())
    return torch.stack(vectors)
