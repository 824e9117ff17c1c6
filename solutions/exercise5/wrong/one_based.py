"""Your code counts ids from 1, so each 1 is one position too far to the left.

A table of num rows has the ids 0 to num - 1, and the one-hot row of id 0 starts with the 1.
Print the one-hot rows of `torch.arange(num)`: together they should be the identity matrix.
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
