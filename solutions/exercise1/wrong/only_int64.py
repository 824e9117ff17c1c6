"""Your code takes int64 ids only, and int32 ids are ids too.

`F.one_hot` and a few other functions insist on int64, perhaps because the documentation
speaks of LongTensor so often. `nn.Embedding` and plain indexing accept int32 as
well. Where a function needs int64, convert the ids before you hand them over; where
you need no such function, nothing has to be converted.
"""

# caught by: id_types

from torch.nn import functional as F


def lookup(weight, idx):
    """Hand the ids to a function that takes int64 only."""
    return F.one_hot(idx, weight.shape[0]).to(weight.dtype) @ weight
