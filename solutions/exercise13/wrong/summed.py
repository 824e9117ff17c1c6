"""Your loss is the sum over the positions instead of their mean.

A sum grows with the number of positions, and so does its gradient. The learning rate would then
depend on the size of the batch. Divide by the number of positions that count.

Call your function with the same row twice: the loss should not change.
"""

# caught by: value

import torch


def cross_entropy(scores, target, ignore_index=-100):
    """Add up the losses."""
    keep = target != ignore_index
    table = torch.log_softmax(scores[keep], -1)
    return -table.gather(-1, target[keep].unsqueeze(-1)).sum()
