"""Your code works only if the scores are a matrix.

`torch.arange(len(target))` numbers the positions of a flat list. With ids of shape (2, 5) there
are ten positions and not two, and a 0-d tensor has no length. Bring positions of any shape into a
list first, or use `gather` along the last dimension.

Call your function with scores of shape (2, 5, num).
"""

# caught by: large, gradient, any_shape

import torch


def cross_entropy(scores, target, ignore_index=-100):
    """Number the positions of the first dimension."""
    keep = (target != ignore_index).nonzero().squeeze(1)
    table = torch.log_softmax(scores, -1)
    ids = target[keep]
    if (ids < 0).any():
        raise IndexError("a negative id")
    return -table[torch.arange(len(target))[keep], ids].mean()
