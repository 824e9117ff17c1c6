"""Your code ignores the sign of the cosine.

A cosine of -1 belongs to the opposite direction, the farthest one. Only if opposite counted as
similar would you take the absolute value.
"""

# caught by: order

import torch
from torch.nn import functional as F


def nearest(weight, ids, k):
    """Take absolute values."""
    unit = F.normalize(weight.detach(), dim=1)
    cosines = (unit[ids] @ unit.T).abs()
    itself = ids.unsqueeze(-1) == torch.arange(len(weight), device=ids.device)
    return cosines.masked_fill(itself, -torch.inf).topk(k).indices
