"""Your softmax runs over dimension 1. The classes are the last dimension: use -1.

Both are the same only for a matrix of scores. If ids have the shape (2, 5), dimension 1 of the
scores has the positions of a text.

Call your function with scores of shape (2, 5, num) and ids of shape (2, 5).
"""

# caught by: gradient, any_shape

import torch


def cross_entropy(scores, target, ignore_index=-100):
    """Take the softmax over dimension 1."""
    keep = target != ignore_index
    table = torch.log_softmax(scores, 1)[keep]
    return -table.gather(-1, target[keep].unsqueeze(-1)).mean()
