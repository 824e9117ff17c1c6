"""Your code works for a list of ids, but not for ids of another shape.

`mm` and `.T` need two dimensions, and so does `dim=1` for the ranking. `unit[ids] @ unit.T` with
`@` takes any number of dimensions in front, and `topk` ranks along the last one.
"""

# caught by: any_shape

import torch
from torch.nn import functional as F


def nearest(weight, ids, k):
    """Multiply two matrices."""
    unit = F.normalize(weight.detach(), dim=1)
    cosines = torch.mm(unit[ids.reshape(-1)], unit.T)
    itself = ids.reshape(-1, 1) == torch.arange(len(weight), device=ids.device)
    return cosines.masked_fill(itself, -torch.inf).topk(k).indices
