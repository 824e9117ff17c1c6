"""Your one-hot rows are as wide as the largest id of this call, not as the table is high.

Without a width, `F.one_hot` infers one from the ids that it happens to get. The sizes of the
product then fit only if the last id is among them: your code works for one batch and breaks on
the next. How many ids there are is known from `weight` alone.
"""

# caught by: rows

from torch.nn import functional as F


def one_hot_lookup(weight, idx):
    """Let the batch decide how wide the one-hot rows are."""
    return F.one_hot(idx.long()).to(weight.dtype) @ weight
