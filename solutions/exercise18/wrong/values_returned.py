"""Your code returns cosines; the result must be ids.

`topk` returns both: `.values` has the cosines and `.indices` their positions, which are the ids.
"""

# caught by: order

import torch
from torch.nn import functional as F


def nearest(weight, ids, k):
    """Return the values."""
    unit = F.normalize(weight.detach(), dim=1)
    cosines = unit[ids] @ unit.T
    itself = ids.unsqueeze(-1) == torch.arange(len(weight), device=ids.device)
    return cosines.masked_fill(itself, -torch.inf).topk(k).values
