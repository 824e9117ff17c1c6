"""Your mean counts the ignored positions in the number, though not in the sum.

A batch with much padding then has a small loss and a small gradient. Divide by the number of
positions that count: `(target != ignore_index).sum()`.

Add an ignored position to a batch: the loss should not change.
"""

# caught by: ignored

import torch


def cross_entropy(scores, target, ignore_index=-100):
    """Divide by the number of all positions."""
    keep = target != ignore_index
    table = torch.log_softmax(scores[keep], -1)
    return -table.gather(-1, target[keep].unsqueeze(-1)).sum() / target.numel()
