"""Your code applies softmax to the scores before log-softmax.

`log_softmax` already contains a softmax. A second one gets numbers from 0 to 1 and makes them
nearly equal, so your loss cannot get near 0 however good the scores are.

Try the scores [0, 100] with target 1: the loss should be 0.
"""

# caught by: value

import torch


def cross_entropy(scores, target, ignore_index=-100):
    """Apply softmax first."""
    keep = target != ignore_index
    table = torch.log_softmax(torch.softmax(scores[keep], -1), -1)
    return -table.gather(-1, target[keep].unsqueeze(-1)).mean()
