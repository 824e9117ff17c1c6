"""Your code moves each number by `lr` up or down, however large its gradient is.

Plain SGD subtracts lr times the gradient, so a gradient that is ten times as large moves a number
ten times as far. Taking only the sign is another method.
"""

# caught by: step

import torch


def sparse_step(weight, idx, grad_output, lr):
    """Step by the sign."""
    ids, rows = idx.reshape(-1), grad_output.reshape(-1, weight.shape[1])
    with torch.no_grad():
        weight.index_add_(0, ids, rows.sign(), alpha=-lr)
