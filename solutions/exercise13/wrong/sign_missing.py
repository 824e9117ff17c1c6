"""Your loss has the wrong sign: it is negative where it should be positive.

The logarithm of a probability is at most zero. A loss is minus that number, so that it is small
when the right class has a high probability. Minimizing your loss would make the right classes
less likely.

Compute the loss of the scores [0, 0]: it should be 0.6931, the logarithm of 2.
"""

# caught by: value

import torch


def cross_entropy(scores, target, ignore_index=-100):
    """Forget the minus."""
    keep = target != ignore_index
    table = torch.log_softmax(scores[keep], -1)
    return table.gather(-1, target[keep].unsqueeze(-1)).mean()
