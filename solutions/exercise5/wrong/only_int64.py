"""Your code works for int64 ids but not for int32 ids.

`F.one_hot` accepts only int64, although an embedding accepts int32 too. Every int32 number fits
into an int64, so converting loses nothing. Call your function with `torch.tensor([3, 0, 3],
dtype=torch.int32)` and see which line fails.
"""

# caught by: id_types

from torch.nn import functional as F


def one_hot_lookup(weight, idx):
    """Pass the ids to one_hot without a conversion."""
    return F.one_hot(idx, weight.shape[0]).to(weight.dtype) @ weight
