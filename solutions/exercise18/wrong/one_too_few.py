"""Your code returns k - 1 ids.

You take k ids and then drop the id itself, so one is missing. Take k + 1, or leave the id out
before you choose.
"""

# caught by: order

import torch
from torch.nn import functional as F


def nearest(weight, ids, k):
    """Take k, then drop one."""
    unit = F.normalize(weight.detach(), dim=1)
    cosines = unit[ids] @ unit.T
    itself = ids.unsqueeze(-1) == torch.arange(len(weight), device=ids.device)
    return cosines.masked_fill(itself, torch.inf).topk(k).indices[..., 1:]
