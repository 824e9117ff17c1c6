"""Your code divides by the number of ids, as if a mean were wanted.

Each one-hot row holds a single 1 and nothing of it has to be averaged: the product gives the
row of the table as it is. With one id in the call nothing shows; with several, all numbers come
out too small.
"""

# caught by: rows

from torch.nn import functional as F


def one_hot_lookup(weight, idx):
    """Divide by the number of ids."""
    one_hot = F.one_hot(idx.long(), weight.shape[0]).to(weight.dtype)
    return one_hot @ weight / max(idx.numel(), 1)
