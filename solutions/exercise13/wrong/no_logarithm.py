"""Your loss is minus the mean probability of the right classes, without a logarithm.

`F.nll_loss` does not compute a logarithm either: it expects log-probabilities. A probability
changes little where the model is very wrong, so its gradient almost vanishes just where
learning matters most.

Compute the loss of the scores [0, 0]: it should be 0.6931, not -0.5.
"""

# caught by: value

import torch


def cross_entropy(scores, target, ignore_index=-100):
    """Forget the logarithm."""
    keep = target != ignore_index
    table = torch.softmax(scores[keep], -1)
    return -table.gather(-1, target[keep].unsqueeze(-1)).mean()
