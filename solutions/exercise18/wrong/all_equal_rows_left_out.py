"""Your code leaves out every row that is equal to the row of the id.

Two words can have the same row, and then each is the nearest one of the other. Leave out the id
by its number, not by its cosine or its numbers.
"""

# caught by: not_itself

import torch
from torch.nn import functional as F


def nearest(weight, ids, k):
    """Leave out cosines of 1."""
    unit = F.normalize(weight.detach(), dim=1)
    cosines = unit[ids] @ unit.T
    itself = cosines > 1 - 1e-6
    return cosines.masked_fill(itself, -torch.inf).topk(k).indices
