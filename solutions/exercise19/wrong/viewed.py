"""Your code calls `view`, which fails on tensors that are not contiguous.

A transposed tensor has its numbers in another order in memory. `view` never copies, so it cannot
flatten such a tensor and raises a RuntimeError; `reshape` copies where it must.
"""

# caught by: any_shape

from torch.nn import functional as F


def padded_size(num, multiple):
    """Return the smallest multiple that is large enough."""
    return -(-num // multiple) * multiple


def padded_loss(hidden, weight, target, num):
    """Flatten with view."""
    rows = hidden.view(-1, hidden.shape[-1])
    return F.cross_entropy(rows @ weight[:num].T, target.view(-1))
