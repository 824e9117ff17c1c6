"""Your code multiplies integer one-hot rows by a float table.

`F.one_hot` returns int64. A matrix product does not convert dtypes: it raises an error if the
two sides differ. Convert the one-hot rows, but not to a fixed dtype. Print the dtypes of both
sides of the product.
"""

# caught by: rows

from torch.nn import functional as F


def one_hot_lookup(weight, idx):
    """Multiply int64 by floats."""
    return F.one_hot(idx.long(), weight.shape[0]) @ weight
