"""Your code takes int64 ids only, and int32 ids are ids too.

`F.one_hot` and `scatter` insist on int64, where an embedding accepts int32 as well. Convert the
ids before you hand them to such a function: every int32 fits into an int64.
"""

# caught by: id_types

from torch.nn import functional as F


def one_hot_lookup(weight, idx):
    """Hand the ids to one_hot as they are."""
    return F.one_hot(idx, weight.shape[0]).to(weight.dtype) @ weight
