"""Your code fills the one-hot rows in a loop over `idx`, which works only for a list of ids.

If `idx` has two dimensions, `for i, j in enumerate(idx)` gives a whole row of ids as j, and all
their ones go into one row. A 0-d `idx` cannot be iterated at all. The one-hot rows need the
shape of `idx` plus one dimension. Try an `idx` of shape (2, 3) and print the shape of your
one-hot rows.
"""

# caught by: any_rank

import torch


def one_hot_lookup(weight, idx):
    """Set the ones in a loop over the first dimension."""
    one_hot = torch.zeros(len(idx), weight.shape[0], dtype=weight.dtype, device=weight.device)
    for i, j in enumerate(idx):
        one_hot[i, j] = 1
    return one_hot @ weight
