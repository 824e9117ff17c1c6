"""Your code accepts an id that is no class, and its loss is 0.

A comparison with `torch.arange(num)` gives a row without a single True for such an id, so its loss
adds nothing. An id out of range is a mistake in the data, and it should raise an error.

Call your function with a target of num and print the one-hot row.
"""

# caught by: out_of_range

import torch


def cross_entropy(scores, target, ignore_index=-100):
    """Compare with all classes."""
    keep = target != ignore_index
    table = torch.log_softmax(scores[keep], -1)
    hit = target[keep].unsqueeze(-1) == torch.arange(scores.shape[-1], device=target.device)
    return -torch.where(hit, table, 0).sum(-1).mean()
