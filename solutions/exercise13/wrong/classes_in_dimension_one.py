"""Your code expects the classes in dimension 1.

PyTorch's own cross-entropy does: for ids of shape (batch, length) it wants scores of shape
(batch, num, length). Here the classes come last, as a linear layer returns them. Both are the same
only for a matrix of scores.

Call your function with scores of shape (2, 5, num) and ids of shape (2, 5).
"""

# caught by: gradient, any_shape

import torch


def cross_entropy(scores, target, ignore_index=-100):
    """Take dimension 1 as the classes."""
    dim = min(1, scores.dim() - 1)
    keep = target != ignore_index
    if keep.dim():
        keep = keep.nonzero(as_tuple=True)
        scores, target = scores.movedim(dim, -1)[keep], target[keep]
    table = torch.log_softmax(scores, -1)
    return -table.gather(-1, target.unsqueeze(-1)).mean()
