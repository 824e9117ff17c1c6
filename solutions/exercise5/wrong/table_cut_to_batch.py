"""Your code cuts the table down to the ids of this call, and multiplies with what is left.

The sizes fit that way, but a one-hot row is the name of an id among all ids that there are. It
must not depend on who else is in the batch, or a model would need another layer for every
batch; and of a batch without ids nothing can be inferred at all.
"""

# caught by: product

import torch


def one_hot_lookup(weight, idx):
    """Cut the table to the largest id."""
    used = weight[: int(idx.max()) + 1]
    if idx.max() >= weight.shape[0]:
        raise IndexError("no such id")
    one_hot = idx.unsqueeze(-1) == torch.arange(used.shape[0], device=idx.device)
    return one_hot.to(weight.dtype) @ used
