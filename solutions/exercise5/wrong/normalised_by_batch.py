"""Your code divides by the number of ids, as for a mean.

Each one-hot row has a single 1, so the product already gives the row of the table. With one id,
the division changes nothing; with several ids, all numbers are too small. Look up the same id
once and then three times, and compare the results.
"""

# caught by: rows

from torch.nn import functional as F


def one_hot_lookup(weight, idx):
    """Divide by the number of ids."""
    one_hot = F.one_hot(idx.long(), weight.shape[0]).to(weight.dtype)
    return one_hot @ weight / max(idx.numel(), 1)
