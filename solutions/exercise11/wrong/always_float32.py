"""Your vectors are float32, whatever dtype the table has.

`torch.zeros` makes float32 unless it is told otherwise, and rows written into it are converted
without a word. With `weight.new_zeros(...)` the new tensor has the dtype of the weight.
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
