"""Your padded_size rounds down, so the table has fewer rows than there are words.

`//` drops the remainder: `10 // 8 * 8` is 8. Words without a row cannot be looked up. Print your
result for num = 10 and multiple = 8; it must be at least 10.
"""

# caught by: size

from torch.nn import functional as F


def padded_size(num, multiple):
    """Drop the remainder."""
    return num // multiple * multiple


def padded_loss(hidden, weight, target, num):
    """Return the loss over the words."""
    scores = hidden @ weight[:num].T
    return F.cross_entropy(scores.reshape(-1, num), target.reshape(-1))
