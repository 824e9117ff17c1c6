"""Your code returns the dtype of `ids`, which can be int32.

The result is int64 for every input, as PyTorch's own functions return it.
"""

# caught by: types

import torch
from torch.nn import functional as F


def nearest(weight, ids, k):
    """Convert the result."""
    unit = F.normalize(weight.detach(), dim=1)
    cosines = unit[ids] @ unit.T
    itself = ids.unsqueeze(-1) == torch.arange(len(weight), device=ids.device)
    return cosines.masked_fill(itself, -torch.inf).topk(k).indices.to(ids.dtype)
