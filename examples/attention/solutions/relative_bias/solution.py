"""A bias for each distance."""

import torch
from torch import Tensor


def relative_bias(scores: Tensor, table: Tensor) -> Tensor:
    """Return the scores plus the number of each head and each distance."""
    queries, keys = scores.shape[-2:]
    far = len(table) // 2
    distances = torch.arange(keys) - torch.arange(queries)[:, None]
    ids = distances.clamp(-far, far) + far
    return scores + table[ids].permute(2, 0, 1)
