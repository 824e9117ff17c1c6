"""Your code gives an id the cosine 0 with itself, which is not the smallest one.

Cosines go down to -1. If `k` is large, the id comes before all others with a negative cosine.
Use a value below all cosines, such as -inf.
"""

# caught by: not_itself

import torch
from torch.nn import functional as F


def nearest(weight, ids, k):
    """Use zero."""
    unit = F.normalize(weight.detach(), dim=1)
    cosines = unit[ids] @ unit.T
    itself = ids.unsqueeze(-1) == torch.arange(len(weight), device=ids.device)
    return cosines.masked_fill(itself, 0).topk(k).indices
