"""Your code looks up the position of each id instead of the id.

The first row of your result is always row 0 of the table, the second is always row 1. The loop
counter replaced the id: `enumerate` gives the position first and the value second. Try `idx =
torch.tensor([3, 0, 3])`: the first and the last row of the result must be equal.
"""

# caught by: rows

import torch


def lookup(weight, idx):
    """Use the position of each id as the id."""
    return torch.stack([weight[i] for i, _ in enumerate(idx)])
