"""Your ones stand one place too far to the left: you counted the ids from 1.

A table of num rows holds the ids 0 to num - 1. In the one-hot row of id 0 the 1 comes first.
Print the one-hot rows of `torch.tensor([0, 1, 2])`: together they should be the identity
matrix.
"""

# caught by: rows

import torch


def one_hot_lookup(weight, idx):
    """Shift the ones."""
    if idx.numel() and idx.max() >= weight.shape[0]:
        raise IndexError("no such id")
    places = (idx - 1) % weight.shape[0]
    one_hot = places.unsqueeze(-1) == torch.arange(weight.shape[0], device=idx.device)
    return one_hot.to(weight.dtype) @ weight
