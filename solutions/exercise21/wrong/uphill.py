"""Your code adds the gradient instead of subtracting it.

The gradient points to where the loss grows, so a step that lowers the loss goes the other way.
`index_add_` adds; with `alpha=-lr` it subtracts lr times the rows.
"""

# caught by: step

import torch


def sparse_step(weight, idx, grad_output, lr):
    """Climb."""
    ids, rows = idx.reshape(-1), grad_output.reshape(-1, weight.shape[1])
    with torch.no_grad():
        weight.index_add_(0, ids, rows, alpha=lr)
