"""Your code picks columns of the table instead of rows.

It treats `weight` as (dim, num), the layout of `nn.Linear(num, dim).weight`. The weight of
`nn.Embedding(num, dim)` is (num, dim): one row per id, and each row has dim numbers. Print the
last size of your result: it should be dim.
"""

# caught by: rows

import torch


def lookup(weight, idx):
    """Pick columns instead of rows."""
    return torch.movedim(weight[:, idx], 0, -1)
