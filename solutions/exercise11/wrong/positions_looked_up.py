"""Your bags contain the rows at the positions of the ids, and not the rows that the ids name.

Offsets say which ids belong to a bag: with offsets 0 and 2, the first bag has `idx[0]` and
`idx[1]`. Which rows of the table it has depends on these two numbers.

Try a single bag with the id 2, and compare the result with `weight[2]`.
"""

# caught by: sum

import torch


def embedding_bag(weight, idx, offsets, mode):
    """Forget the ids."""
    if mode not in ("sum", "mean", "max"):
        raise ValueError(mode)
    starts = offsets.tolist()
    ends = [*starts[1:], len(idx)]
    vectors = []
    for start, end in zip(starts, ends, strict=True):
        rows = weight[start:end]
        if start == end or mode == "sum":
            vectors.append(rows.sum(0))
        elif mode == "mean":
            vectors.append(rows.mean(0))
        else:
            vectors.append(rows.amax(0))
    return torch.stack(vectors)
