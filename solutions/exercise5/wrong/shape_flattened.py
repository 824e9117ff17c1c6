"""Your code returns the right rows, but loses the shape of the ids.

You may put all one-hot rows into one matrix. The result, however, needs the shape of `idx` with
dim at the end: ids of shape (2, 4) give (2, 4, dim). Print the shape of your result for a 2-D
`idx`.
"""

# caught by: any_rank

from torch.nn import functional as F


def one_hot_lookup(weight, idx):
    """Put all ids into one list."""
    one_hot = F.one_hot(idx.long().reshape(-1), weight.shape[0])
    return one_hot.to(weight.dtype) @ weight
