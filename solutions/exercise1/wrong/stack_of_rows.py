"""Your code loops over `idx`, which fails for some shapes.

Python cannot iterate over a 0-d tensor. A loop over an empty `idx` runs zero times, and
`torch.stack` fails on an empty list. You need no loop: PyTorch can index a tensor with a whole
tensor of any shape, and that is much faster. Try your code with `torch.tensor(3)`.
"""

# caught by: single_id

import torch


def lookup(weight, idx):
    """Stack the rows in a loop over the ids."""
    return torch.stack([weight[i] for i in idx])
