"""Exercise 13: cross-entropy is a lookup."""

import torch
from torch import Tensor


def cross_entropy(scores: Tensor, target: Tensor, ignore_index: int = -100) -> Tensor:
    """Return the mean cross-entropy of scores for the ids in target."""
    keep = target != ignore_index
    table = torch.log_softmax(scores[keep], -1)
    return -table.gather(-1, target[keep].unsqueeze(-1)).mean()
