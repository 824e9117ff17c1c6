"""Your spare rows get the score 0, and a score of 0 still counts.

The exponential of 0 is 1. Each spare row adds that to the sum, so it takes probability from the
words. Only a score of minus infinity has the exponential 0.

Compare your loss with `F.cross_entropy(hidden @ weight[:num].T, target)`.
"""

# caught by: loss

import torch
from torch.nn import functional as F


def padded_size(num, multiple):
    """Return the smallest multiple that is large enough."""
    return -(-num // multiple) * multiple


def padded_loss(hidden, weight, target, num):
    """Set the scores of the spare rows to zero."""
    if (target >= num).any():
        raise IndexError("a target is no word")
    size = len(weight)
    scores = (hidden @ weight.T).reshape(-1, size)
    scores = scores.masked_fill(torch.arange(size, device=scores.device) >= num, 0.0)
    return F.cross_entropy(scores, target.reshape(-1))
