"""Your vectors are right, but no gradient reaches the table.

`.data`, `.detach()` and `.item()` drop the graph, and `torch.no_grad()` records none. An
embedding bag is trained like any embedding, so combine rows of `weight` itself.

Print `requires_grad` of your result for a weight that requires a gradient.
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
