"""Your loss counts the first spare row as a word.

Ids begin at 0, so `num` words have the ids 0 to num - 1, and row `num` is spare. `weight[:num]` has
`num` rows. Compare `len` of the rows that you use with `num`, for a table with spare rows.
"""

# caught by: loss

from torch.nn import functional as F


def padded_size(num, multiple):
    """Return the smallest multiple that is large enough."""
    return -(-num // multiple) * multiple


def padded_loss(hidden, weight, target, num):
    """Keep row num."""
    if (target >= num).any():
        raise IndexError("a target is no word")
    scores = hidden @ weight[: num + 1].T
    return F.cross_entropy(scores.reshape(-1, scores.shape[-1]), target.reshape(-1))
