"""Your code gets nan for a row of zeros, which has the length 0.

PyTorch sorts nan as larger than every number, so this row becomes the nearest one of every id.
Make the length at least a small number before you divide.
"""

# caught by: zero_row

import torch


def nearest(weight, ids, k):
    """Divide by the length."""
    rows = weight.detach()
    unit = rows / rows.norm(dim=1, keepdim=True)
    cosines = unit[ids] @ unit.T
    itself = ids.unsqueeze(-1) == torch.arange(len(weight), device=ids.device)
    return cosines.masked_fill(itself, -torch.inf).topk(k).indices
