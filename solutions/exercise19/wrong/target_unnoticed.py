"""Your loss is infinite if a target names a spare row.

You give the spare rows the score minus infinity, so such a target has the probability 0, and the
logarithm of 0 is minus infinity. One such number spoils the loss of the whole batch. Check the
targets, or leave the rows out, so that cross_entropy refuses the target.
"""

# caught by: target

import torch
from torch.nn import functional as F


def padded_size(num, multiple):
    """Return the smallest multiple that is large enough."""
    return -(-num // multiple) * multiple


def padded_loss(hidden, weight, target, num):
    """Mask the scores, without a look at the targets."""
    size = len(weight)
    scores = (hidden @ weight.T).reshape(-1, size)
    spare = torch.arange(size, device=scores.device) >= num
    return F.cross_entropy(scores.masked_fill(spare, float("-inf")), target.reshape(-1))
