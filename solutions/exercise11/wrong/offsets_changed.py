"""Your result is right, but your code changes the caller's `offsets`.

Assignments such as `offsets[:-1] = offsets[1:]`, `-=` and methods whose name ends with an
underscore write into the caller's tensor. Make a new tensor or a list instead.

Print `offsets` before and after the call.
"""

# caught by: inputs_untouched

import torch


def embedding_bag(weight, idx, offsets, mode):
    """Turn the caller's offsets into ends."""
    if mode not in ("sum", "mean", "max"):
        raise ValueError(mode)
    starts = offsets.tolist()
    offsets[:-1] = offsets[1:].clone()
    offsets[-1] = len(idx)
    ends = offsets.tolist()
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
