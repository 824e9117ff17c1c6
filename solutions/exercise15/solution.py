"""Exercise 15: tokens and positions."""

import torch
from torch import Tensor


def embed(idx: Tensor, tokens: Tensor, positions: Tensor, start: int = 0) -> Tensor:
    """Return the row of each id plus the row of its position."""
    length = idx.shape[-1]
    places = torch.arange(start, start + length)
    return tokens[idx] + positions[places]
