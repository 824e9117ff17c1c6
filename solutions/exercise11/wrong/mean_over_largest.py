"""Your mean divides each bag by the size of the largest bag.

This happens when you pad short bags with zeros and take the mean of the padded matrix: the
zeros count as rows. Divide each bag by its own number of ids.

Try two bags, one with a single id and one with three ids.
"""

# caught by: mean

import torch


def embedding_bag(weight, idx, offsets, mode):
    """Pad with zeros before the mean."""
    if mode not in ("sum", "mean", "max"):
        raise ValueError(mode)
    starts = offsets.tolist()
    ends = [*starts[1:], len(idx)]
    largest = max(end - start for start, end in zip(starts, ends, strict=True))
    vectors = []
    for start, end in zip(starts, ends, strict=True):
        rows = weight[idx[start:end]]
        if start == end or mode == "sum":
            vectors.append(rows.sum(0))
        elif mode == "mean":
            vectors.append(rows.sum(0) / largest)
        else:
            vectors.append(rows.amax(0))
    return torch.stack(vectors)
