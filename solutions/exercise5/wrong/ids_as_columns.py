"""Your code builds one row per id of the table instead of one row per id in `idx`.

You have a matrix of shape (num, number of ids), and `reshape` only splits its numbers
differently. A one-hot matrix has one row for each id in `idx` and one column for each id of the
table: a transpose exchanges the two. Print your one-hot rows for `torch.tensor([2, 0])`.
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
