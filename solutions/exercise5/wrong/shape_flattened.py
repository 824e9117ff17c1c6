"""Your rows are right, but the shape of the ids got lost.

One-hot rows can be written into a matrix, one below the other, whatever shape the ids have. The
result, though, has the shape of `idx` with dim at its end: sentences of shape (2, 4) become (2,
4, dim).
"""

# caught by: any_rank

from torch.nn import functional as F


def one_hot_lookup(weight, idx):
    """Write all ids below each other."""
    one_hot = F.one_hot(idx.long().reshape(-1), weight.shape[0])
    return one_hot.to(weight.dtype) @ weight
