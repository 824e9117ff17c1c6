"""Your code computes in float32, so nearly equal float64 cosines come in any order.

float32 holds about 7 digits, so two cosines that differ by 1e-9 become equal. Keep the dtype of
the table.
"""

# caught by: types

import torch
from torch.nn import functional as F


def nearest(weight, ids, k):
    """Convert the table."""
    unit = F.normalize(weight.detach().float(), dim=1)
    cosines = unit[ids] @ unit.T
    itself = ids.unsqueeze(-1) == torch.arange(len(weight), device=ids.device)
    return cosines.masked_fill(itself, -torch.inf).topk(k).indices
