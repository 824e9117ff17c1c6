"""Your vectors are right, but no gradient gets back to the table.

`.data`, `.detach()`, `.item()`, and writing results of `torch.no_grad()` into a new tensor
leave the graph behind. An embedding bag is trained like any embedding. Reduce rows of `weight`
itself.
"""

# caught by: sum_gradient

import torch


def embedding_bag(weight, idx, offsets, mode):
    """Detach the rows."""
    if mode not in ("sum", "mean", "max"):
        raise ValueError(mode)
    starts = offsets.tolist()
    ends = [*starts[1:], len(idx)]
    vectors = []
    for start, end in zip(starts, ends, strict=True):
        rows = weight.data[idx[start:end]]
        if start == end or mode == "sum":
            vectors.append(rows.sum(0))
        elif mode == "mean":
            vectors.append(rows.mean(0))
        else:
            vectors.append(rows.amax(0))
    return torch.stack(vectors)
