"""Your loss is never larger than a fixed number, and there its gradient is zero.

A clamp such as `.clamp(min=1e-9)` avoids the logarithm of 0, but it also cuts off every larger
loss. No gradient goes through the clamp there, so the model cannot learn from its worst mistakes.
`log_softmax` needs no clamp.

Try the scores [0, 100] with target 0: the loss should be 100.
"""

# caught by: large

import torch


def cross_entropy(scores, target, ignore_index=-100):
    """Clamp the probabilities."""
    keep = target != ignore_index
    table = torch.softmax(scores[keep], -1).clamp(min=1e-9).log()
    return -table.gather(-1, target[keep].unsqueeze(-1)).mean()
