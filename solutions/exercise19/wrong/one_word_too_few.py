"""Your loss leaves out the last word.

Ids begin at 0, so `num` words have the ids 0 to num - 1, and a slice excludes its end:
`weight[:num]` has `num` rows. Without its row, the last word takes no probability from
the others, and it cannot be a target.
"""

# caught by: loss

from torch.nn import functional as F


def padded_size(num, multiple):
    """Return the smallest multiple that is large enough."""
    return -(-num // multiple) * multiple


def padded_loss(hidden, weight, target, num):
    """Drop the last word."""
    scores = hidden @ weight[: num - 1].T
    return F.cross_entropy(scores.reshape(-1, scores.shape[-1]), target.reshape(-1))
