"""Your code returns the right ids, sorted by id instead of by cosine.

The first id of the result must be the nearest one. `topk` returns the positions in the order of
the values; do not sort them again.
"""

# caught by: order

import torch
from torch.nn import functional as F


def nearest(weight, ids, k):
    """Sort the ids."""
    unit = F.normalize(weight.detach(), dim=1)
    cosines = unit[ids] @ unit.T
    itself = ids.unsqueeze(-1) == torch.arange(len(weight), device=ids.device)
    return cosines.masked_fill(itself, -torch.inf).topk(k).indices.sort(-1).values
