"""Your loss is nan, because your mask multiplies infinity by zero.

`0 * -inf` is nan, and a nan in one score makes the whole loss nan. To choose between numbers, use
`torch.where`, `masked_fill` or a slice; a product with a mask of zeros and ones only works for
finite numbers.
"""

# caught by: loss

import torch
from torch.nn import functional as F


def padded_size(num, multiple):
    """Return the smallest multiple that is large enough."""
    return -(-num // multiple) * multiple


def padded_loss(hidden, weight, target, num):
    """Add a mask times infinity."""
    size = len(weight)
    scores = (hidden @ weight.T).reshape(-1, size)
    spare = (torch.arange(size, device=scores.device) >= num).to(scores.dtype)
    return F.cross_entropy(scores + spare * float("-inf"), target.reshape(-1))
