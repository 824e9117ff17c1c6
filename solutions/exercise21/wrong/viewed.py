"""Your code calls `view`, which fails on tensors that are not contiguous.

A transposed tensor has its numbers in another order in memory. `view` never copies, so it cannot
flatten such a tensor and raises a RuntimeError; `reshape` copies where it must.
"""

# caught by: any_shape

import torch


def sparse_step(weight, idx, grad_output, lr):
    """Flatten with view."""
    ids, rows = idx.view(-1), grad_output.view(-1, weight.shape[1])
    with torch.no_grad():
        weight.index_add_(0, ids, rows, alpha=-lr)
