"""Your function returns one loss per position instead of their mean.

A training step needs a single number: `.backward()` works without an argument only for a tensor
with one element. Take the mean over the positions that count.

Print the shape of your result: it should be `torch.Size([])`.
"""

# caught by: value

import torch


def cross_entropy(scores, target, ignore_index=-100):
    """Return a loss for each position that counts."""
    keep = target != ignore_index
    table = torch.log_softmax(scores[keep], -1)
    return -table.gather(-1, target[keep].unsqueeze(-1)).squeeze(-1)
