"""Your one-hot rows are indexed the wrong way round: one row for each id of the table.

You have the shape (num, number of ids) and turned it around with `reshape`, which moves no
number to its place. A one-hot matrix has a row for each id that is looked up and a column for
each id that there is; only a transpose turns the one into the other.
"""

# caught by: rows

import torch


def one_hot_lookup(weight, idx):
    """Build the one-hot columns and reshape them."""
    num = weight.shape[0]
    if idx.numel() and idx.max() >= num:
        raise IndexError("no such id")
    columns = torch.arange(num, device=idx.device).unsqueeze(-1) == idx.reshape(-1)
    one_hot = columns.reshape(*idx.shape, num)
    return one_hot.to(weight.dtype) @ weight
