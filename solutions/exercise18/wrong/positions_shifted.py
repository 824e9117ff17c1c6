"""Your code removes the id itself before it ranks the others, so larger ids are too small by one.

Without row 3, row 4 is at position 3. `topk` returns positions, not ids. Keep the row and give it
a cosine below all others, or correct the positions.
"""

# caught by: order

import torch
from torch.nn import functional as F


def nearest(weight, ids, k):
    """Rank without the row itself."""
    unit = F.normalize(weight.detach(), dim=1)
    cosines = unit[ids] @ unit.T
    itself = ids.unsqueeze(-1) != torch.arange(len(weight), device=ids.device)
    return cosines[itself].reshape(*ids.shape, len(weight) - 1).topk(k).indices
