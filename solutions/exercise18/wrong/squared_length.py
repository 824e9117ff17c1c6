"""Your code divides by the square of the length; the root is missing.

Then a long row gets short, so that short rows come first. The length of (3, 4) is 5, not 25.
"""

# caught by: cosine

import torch


def nearest(weight, ids, k):
    """Forget the root."""
    rows = weight.detach()
    unit = rows / (rows * rows).sum(1, keepdim=True).clamp(min=1e-12)
    cosines = unit[ids] @ unit.T
    itself = ids.unsqueeze(-1) == torch.arange(len(weight), device=ids.device)
    return cosines.masked_fill(itself, -torch.inf).topk(k).indices
