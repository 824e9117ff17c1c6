"""A causal mask."""

import torch
from torch import Tensor


def causal_weights(scores: Tensor) -> Tensor:
    """Return the weights of attention for ``scores``, with weight 0 for later keys."""
    queries, keys = scores.shape[-2:]
    later = torch.ones_like(scores, dtype=torch.bool).triu(keys - queries + 1)
    return scores.masked_fill(later, -torch.inf).softmax(-1)
