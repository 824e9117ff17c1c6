"""Your code returns a row for an id that the table does not have.

It compares each id with every row number. An id of num or more equals none of them, so its
one-hot row and its result are all zeros. You must raise an error for such an id; take care that
your test also accepts an empty `idx`, which has no maximum. Call your function with the id num.
"""

# caught by: out_of_range

import torch


def one_hot_lookup(weight, idx):
    """Build the one-hot rows by comparison."""
    one_hot = idx.unsqueeze(-1) == torch.arange(weight.shape[0], device=idx.device)
    return one_hot.to(weight.dtype) @ weight
