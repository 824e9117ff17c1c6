"""Your code writes into the spare rows of the caller's table.

A loss computes a number and changes nothing. `weight[num:] = 0` and `weight.data[num:] = 0` write
into the caller's memory, where an optimizer or a checkpoint finds them. Print `weight` before and
after the call.
"""

# caught by: untouched

from torch.nn import functional as F


def padded_size(num, multiple):
    """Return the smallest multiple that is large enough."""
    return -(-num // multiple) * multiple


def padded_loss(hidden, weight, target, num):
    """Clear the spare rows first."""
    weight.data[num:] = 0
    scores = hidden @ weight[:num].T
    return F.cross_entropy(scores.reshape(-1, num), target.reshape(-1))
