"""Your softmax adds up over the positions instead of the classes.

The classes are the last dimension, `dim=-1`. The first dimension has the positions of the batch:
a softmax over it compares the scores of one class at different positions.

Print the sum of `torch.softmax(scores, dim)` along the last dimension: it should be 1.
"""

# caught by: value

import torch


def cross_entropy(scores, target, ignore_index=-100):
    """Take the softmax over dimension 0."""
    keep = target != ignore_index
    table = torch.log_softmax(scores[keep], 0)
    return -table.gather(-1, target[keep].unsqueeze(-1)).mean()
