"""Your code divides the rows of the caller's table in place, so it changes the model.

The lengths of the rows matter where the table is used. A method that ends in `_`, and `/=`, change
the tensor itself; `.data` and `.detach()` share its memory.
"""

# caught by: untouched

import torch


def nearest(weight, ids, k):
    """Normalize in place."""
    unit = weight.detach()
    unit /= unit.norm(dim=1, keepdim=True).clamp(min=1e-12)
    cosines = unit[ids] @ unit.T
    itself = ids.unsqueeze(-1) == torch.arange(len(weight), device=ids.device)
    return cosines.masked_fill(itself, -torch.inf).topk(k).indices
