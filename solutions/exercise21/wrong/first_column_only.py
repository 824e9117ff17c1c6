"""Your step moves the first column only.

Each id stands for a whole row. Some operations take a place for each single number instead:
`scatter_add_` reads as many numbers as its index has, so an index of shape (n, 1) reaches one
column. Print `weight` after a step with a `grad_output` of ones.
"""

# caught by: step

import torch


def sparse_step(weight, idx, grad_output, lr):
    """Scatter with one place per id."""
    rows = grad_output.reshape(-1, weight.shape[1])
    with torch.no_grad():
        weight.scatter_add_(0, idx.reshape(-1, 1).long(), -lr * rows)
