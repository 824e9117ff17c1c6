"""Your code ranks by the distance of the rows, which depends on their lengths.

Two rows with the same direction are far apart if one of them is long. Divide each row by its
length first; then distance and cosine give the same order, except for rows of zeros.
"""

# caught by: cosine

import torch


def nearest(weight, ids, k):
    """Rank by distance."""
    rows = weight.detach()
    distances = (rows[ids].unsqueeze(-2) - rows).pow(2).sum(-1)
    itself = ids.unsqueeze(-1) == torch.arange(len(weight), device=ids.device)
    return distances.masked_fill(itself, torch.inf).topk(k, largest=False).indices
