"""Your code returns the ids with the smallest cosines.

A cosine of 1 means the same direction, and -1 the opposite one. So the nearest rows have the
largest cosines. A distance works the other way round.
"""

# caught by: order

import torch
from torch.nn import functional as F


def nearest(weight, ids, k):
    """Take the smallest."""
    unit = F.normalize(weight.detach(), dim=1)
    cosines = unit[ids] @ unit.T
    itself = ids.unsqueeze(-1) == torch.arange(len(weight), device=ids.device)
    return cosines.masked_fill(itself, torch.inf).topk(k, largest=False).indices
