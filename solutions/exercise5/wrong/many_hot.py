"""Your code writes all ids of a row of `idx` into one vector, and gets the sum of their rows.

A vector with several ones is no one-hot vector: the product then adds up the rows of the table
that they stand for. It would be a bag of ids. Here each id has a one-hot vector to itself, so
the one-hot rows have a dimension more than `idx`.
"""

# caught by: any_rank

from torch.nn import functional as F


def one_hot_lookup(weight, idx):
    """Merge the one-hot rows of each sequence."""
    one_hot = F.one_hot(idx.long(), weight.shape[0]).to(weight.dtype)
    if idx.dim() > 1:
        one_hot = one_hot.sum(-2)
    return one_hot @ weight
