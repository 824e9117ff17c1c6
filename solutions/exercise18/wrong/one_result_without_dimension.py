"""Your code drops the last dimension of the result if `k` is 1.

The result has the shape `ids.shape + (k,)` for every `k`, so that callers need no special case.
`squeeze` and `argmax` remove the dimension.
"""

# caught by: any_k

import torch
from torch.nn import functional as F


def nearest(weight, ids, k):
    """Squeeze."""
    unit = F.normalize(weight.detach(), dim=1)
    cosines = unit[ids] @ unit.T
    itself = ids.unsqueeze(-1) == torch.arange(len(weight), device=ids.device)
    return cosines.masked_fill(itself, -torch.inf).topk(k).indices.squeeze(-1)
