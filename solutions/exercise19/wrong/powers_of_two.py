"""Your padded_size clears the last bits of a number, which works for powers of two only.

`(num + m - 1) & -m` is a well-known shortcut for m = 8 or 64. For m = 12 it can give other numbers.
Print your result for num = 20 and multiple = 12; it must be 24.
"""

# caught by: size

from torch.nn import functional as F


def padded_size(num, multiple):
    """Clear the last bits."""
    return (num + multiple - 1) & -multiple


def padded_loss(hidden, weight, target, num):
    """Return the loss over the words."""
    scores = hidden @ weight[:num].T
    return F.cross_entropy(scores.reshape(-1, num), target.reshape(-1))
