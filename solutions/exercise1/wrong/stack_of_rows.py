"""Your code walks over `idx` in a loop, and some tensors cannot be walked over.

A 0-d tensor holds one id and has no items to iterate, and a loop over no ids leaves
`torch.stack` with nothing to stack. PyTorch needs no loop here: indexing with a
whole tensor takes any shape, those two included, and is much faster.
"""

# caught by: single_id

import torch


def lookup(weight, idx):
    """Stack the rows in a loop over the ids."""
    return torch.stack([weight[i] for i in idx])
