"""Your code leaves out all ids of `ids`, instead of each id in its own result only.

Two words in the same call can be neighbors of each other. Compare each id with the ids of all
rows: `ids.unsqueeze(-1) == torch.arange(num)` has one row for each id.
"""

# caught by: order

import torch
from torch.nn import functional as F


def nearest(weight, ids, k):
    """Leave out every id that was asked for."""
    unit = F.normalize(weight.detach(), dim=1)
    cosines = unit[ids] @ unit.T
    itself = torch.isin(torch.arange(len(weight), device=ids.device), ids)
    return cosines.masked_fill(itself, -torch.inf).topk(k).indices
