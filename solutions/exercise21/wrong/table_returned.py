"""Your code changes the table, and then returns it.

A function that changes its argument returns None by convention in Python, as `list.sort` does. So
nobody takes the result for a new table, with the old one unchanged. Leave the `return` out.
"""

# caught by: in_place

import torch


def sparse_step(weight, idx, grad_output, lr):
    """Return the table."""
    ids, rows = idx.reshape(-1), grad_output.reshape(-1, weight.shape[1])
    with torch.no_grad():
        weight.index_add_(0, ids, rows, alpha=-lr)
    return weight
