"""Your code works with spare rows, but without any it uses an empty table.

`weight[:-spare]` leaves out the last rows. For spare = 0 that is `weight[:0]`, which has no rows:
-0 is 0, the start and not the end. Count from the start. Try a table with exactly `num` rows.
"""

# caught by: loss

from torch.nn import functional as F


def padded_size(num, multiple):
    """Return the smallest multiple that is large enough."""
    return -(-num // multiple) * multiple


def padded_loss(hidden, weight, target, num):
    """Cut off the spare rows at the end."""
    spare = len(weight) - num
    scores = hidden @ weight[:-spare].T
    return F.cross_entropy(scores.reshape(-1, scores.shape[-1]), target.reshape(-1))
