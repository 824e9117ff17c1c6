"""Your code ranks by dot product, so long rows come first.

The dot product is the cosine times both lengths. A row of twice the length has twice the dot
product, but the same direction. Divide each row by its length first.
"""

# caught by: cosine

import torch


def nearest(weight, ids, k):
    """Leave out the division."""
    unit = weight.detach()
    cosines = unit[ids] @ unit.T
    itself = ids.unsqueeze(-1) == torch.arange(len(weight), device=ids.device)
    return cosines.masked_fill(itself, -torch.inf).topk(k).indices
