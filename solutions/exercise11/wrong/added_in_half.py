"""You add the rows of a bag one by one in the dtype of the weight.

In float16, 2048 + 1 is 2048, so a sum of ones stops there; in bfloat16, it stops at 256. PyTorch's
`sum` and `mean` add such numbers in float32 and round only once, at the end.
"""

# caught by: dtype

import torch


def embedding_bag(weight, idx, offsets, mode):
    """Add row after row, each time rounded to the dtype of the weight."""
    if mode not in ("sum", "mean", "max"):
        raise ValueError(mode)
    vectors = []
    for ids in torch.tensor_split(idx, offsets[1:]):
        rows = weight[ids]
        if mode == "max" or not len(ids):
            vectors.append(rows.amax(0) if len(ids) else rows.sum(0))
            continue
        total = weight.new_zeros(weight.shape[1])
        for row in rows:
            total = total + row
        vectors.append(total / len(ids) if mode == "mean" else total)
    return torch.stack(vectors)
