"""Your code leaves out the position of an id in `ids`, not the id.

`fill_diagonal_` fits only if `ids` is 0, 1, 2, …: then the id in row i is i. In general, the
number to leave out of row i is `ids[i]`.
"""

# caught by: order

import torch
from torch.nn import functional as F


def nearest(weight, ids, k):
    """Fill the diagonal."""
    unit = F.normalize(weight.detach(), dim=1)
    cosines = unit[ids] @ unit.T
    itself = torch.eye(ids.numel(), len(weight), dtype=torch.bool, device=ids.device)
    return cosines.masked_fill(itself.reshape(cosines.shape), -torch.inf).topk(k).indices
