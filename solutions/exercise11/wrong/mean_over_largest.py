"""Your mean divides every bag by the size of the largest.

That happens when shorter bags are filled up with zeros and the mean is taken over the filled
matrix: the zeros count as rows. Divide each bag by the number of ids that it really has.
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
