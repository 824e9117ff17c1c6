"""Your code divides each column of the table by its length, not each row.

A word is a row, so the numbers of one row belong together. In `normalize(weight, dim)` and
`norm(dim=…)`, `dim` is the dimension along which the numbers are added up: 1 for rows.
"""

# caught by: order

import torch
from torch.nn import functional as F


def nearest(weight, ids, k):
    """Normalize along the wrong dimension."""
    unit = F.normalize(weight.detach(), dim=0)
    cosines = unit[ids] @ unit.T
    itself = ids.unsqueeze(-1) == torch.arange(len(weight), device=ids.device)
    return cosines.masked_fill(itself, -torch.inf).topk(k).indices
