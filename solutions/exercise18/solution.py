"""Exercise 18: nearest words."""

import torch
from torch import Tensor
from torch.nn import functional as F


def nearest(weight: Tensor, ids: Tensor, k: int) -> Tensor:
    """Return, for each id, the k other ids whose rows have the largest cosine, best first."""
    unit = F.normalize(weight, dim=1)
    cosines = unit[ids] @ unit.T
    itself = ids.unsqueeze(-1) == torch.arange(len(weight), device=ids.device)
    return cosines.masked_fill(itself, -torch.inf).topk(k).indices
