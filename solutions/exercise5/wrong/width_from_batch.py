"""Your one-hot rows are as wide as the largest id in this call, not as the table is high.

Without a second argument, `F.one_hot` takes the width from the ids it receives. The product
then fits only if the last id is among them, so your code works for one batch and fails on the
next. Only `weight` tells how many ids there are. Try a batch without the last id.
"""

# caught by: rows

from torch.nn import functional as F


def one_hot_lookup(weight, idx):
    """Let the batch decide how wide the one-hot rows are."""
    return F.one_hot(idx.long()).to(weight.dtype) @ weight
