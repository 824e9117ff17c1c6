"""Your result is float32, even when the weight has another dtype.

`torch.zeros` makes float32 unless you pass a dtype, and it converts rows that you write into it
without a warning. `weight.new_zeros(...)` has the dtype of the weight.

Call your function with a float64 weight and print the dtype of the result.
"""

# caught by: dtype

import torch


def embedding_bag(weight, idx, offsets, mode):
    """Collect the vectors in a table of the default dtype."""
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
            vectors.append(rows.amax(0))
    result = torch.zeros(len(vectors), weight.shape[1], device=weight.device)
    for bag, vector in enumerate(vectors):
        result[bag] = vector
    return result
