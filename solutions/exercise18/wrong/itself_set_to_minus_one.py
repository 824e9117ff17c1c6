"""Your code gives an id the cosine -1 with itself, which another row can have too.

A row that points the opposite way has the cosine -1. Use a value below all cosines, such as -inf.
"""

# caught by: not_itself

import torch
from torch.nn import functional as F


def nearest(weight, ids, k):
    """Use minus one."""
    unit = F.normalize(weight.detach(), dim=1)
    cosines = unit[ids] @ unit.T
    itself = ids.unsqueeze(-1) == torch.arange(len(weight), device=ids.device)
    return cosines.masked_fill(itself, -1).topk(k).indices
