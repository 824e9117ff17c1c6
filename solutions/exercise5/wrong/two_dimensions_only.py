"""Your code works for ids of two dimensions only.

It names exactly two sizes, for example `batch, length = idx.shape`, so one id, a list of ids and
an array of three dimensions raise an error. Ids can come in any shape. Write code that does not
mention the number of dimensions: flatten the ids, work on the list, and restore the shape at the
end.

Print `idx.shape` for `torch.tensor(3)` and for `torch.zeros(2, 3, 4, dtype=torch.int64)`.
"""

# caught by: rows

from torch.nn import functional as F


def one_hot_lookup(weight, idx):
    """Unpack two sizes."""
    batch, length = idx.shape
    rows = (
        F.one_hot(idx.long(), weight.shape[0])
        .to(weight.dtype)
        .reshape(batch * length, weight.shape[0])
    )
    return (rows @ weight).reshape(batch, length, weight.shape[1])
