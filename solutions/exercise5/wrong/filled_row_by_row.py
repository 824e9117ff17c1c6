"""Your code fills the one-hot matrix by walking over the ids, which only works for a plain list of them.

With `for i, j in enumerate(idx)` and two dimensions, j is a whole row of ids: all of its ones
land in the same one-hot row. And a single id, of no dimensions, cannot be walked over at all.
Let the shape of the one-hot rows follow from the shape of `idx`.
"""

# caught by: any_rank

import torch


def one_hot_lookup(weight, idx):
    """Set the ones in a loop over the first dimension."""
    one_hot = torch.zeros(len(idx), weight.shape[0], dtype=weight.dtype, device=weight.device)
    for i, j in enumerate(idx):
        one_hot[i, j] = 1
    return one_hot @ weight
