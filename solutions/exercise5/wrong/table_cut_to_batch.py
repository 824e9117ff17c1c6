"""Your code cuts the table down to the largest id of this call.

The sizes fit, but a one-hot row names one id among all ids of the table. It must not depend on
the other ids in the batch, and for an empty `idx` there is no largest id. Only `weight` tells
how many ids there are. Print the shape of your one-hot rows for two different batches.
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
