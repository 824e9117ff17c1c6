"""Each bag loses its last id: the end of a slice is left out already.

`idx[start:end]` holds the ids at the places `start` to `end - 1`. The next bag begins at `end`, so
nothing has to be taken off.

Try `[5, 6, 7, 8][1:3]`: it has two elements.
"""

# caught by: sum

import torch


def embedding_bag(weight, idx, offsets, mode):
    """Take one off each end."""
    if mode not in ("sum", "mean", "max"):
        raise ValueError(mode)
    starts = offsets.tolist()
    vectors = []
    for start, end in zip(starts, [*starts[1:], len(idx)], strict=True):
        rows = weight[idx[start : max(start, end - 1)]]
        if mode == "sum" or not len(rows):
            vectors.append(rows.sum(0))
        else:
            vectors.append(rows.mean(0) if mode == "mean" else rows.amax(0))
    return torch.stack(vectors)
