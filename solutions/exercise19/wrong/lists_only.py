"""Your code works for a list of targets, but not for targets of other shapes.

`F.cross_entropy` wants the scores of one target in dimension 1. A hidden of shape (2, 3, dim) gives
scores of shape (2, 3, num), and there dimension 1 has the 3 places of a text. Bring scores to
(number of targets, num) and targets to a list first.
"""

# caught by: any_shape

from torch.nn import functional as F


def padded_size(num, multiple):
    """Return the smallest multiple that is large enough."""
    return -(-num // multiple) * multiple


def padded_loss(hidden, weight, target, num):
    """Leave the shapes as they are."""
    return F.cross_entropy(hidden @ weight[:num].T, target)
