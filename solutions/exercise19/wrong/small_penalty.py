"""Your spare rows get a low score, but a score of the words can be lower still.

Softmax compares scores with each other. If all words have scores near -60, a spare row with -10
takes nearly all the probability. No fixed small number is low enough; minus infinity is, and so
is a row that has no score at all.
"""

# caught by: junk

import torch
from torch.nn import functional as F


def padded_size(num, multiple):
    """Return the smallest multiple that is large enough."""
    return -(-num // multiple) * multiple


def padded_loss(hidden, weight, target, num):
    """Give the spare rows the score -20."""
    if (target >= num).any():
        raise IndexError("a target is no word")
    size = len(weight)
    scores = (hidden @ weight.T).reshape(-1, size)
    scores = scores.masked_fill(torch.arange(size, device=scores.device) >= num, -20.0)
    return F.cross_entropy(scores, target.reshape(-1))
