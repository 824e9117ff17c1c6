"""Your code sorts from small to large: it returns the right ids, but the best one comes last.

`argsort` and `sort` go from the smallest to the largest, so the best id is the last one of your
result. Use `descending=True`, or `topk`, which begins with the largest.
"""

# caught by: order

import torch
from torch.nn import functional as F


def nearest(weight, ids, k):
    """Take the end of a rising order."""
    unit = F.normalize(weight.detach(), dim=1)
    cosines = unit[ids] @ unit.T
    itself = ids.unsqueeze(-1) == torch.arange(len(weight), device=ids.device)
    return cosines.masked_fill(itself, -torch.inf).argsort(-1)[..., len(weight) - k :]
