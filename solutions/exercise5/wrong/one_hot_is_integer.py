"""Your one-hot rows are integers, and a matrix product wants both sides in one dtype.

`F.one_hot` returns int64, as the ids have. PyTorch converts nothing by itself in a product, so
it stops with an error about two dtypes. Convert the one-hot rows, and to the dtype of the
weight rather than to a fixed one.
"""

# caught by: rows

from torch.nn import functional as F


def one_hot_lookup(weight, idx):
    """Multiply int64 with floats."""
    return F.one_hot(idx.long(), weight.shape[0]) @ weight
