"""Your code divides the step by the number of ids.

`grad_output` is the gradient of the loss already. If the loss is a mean, its gradient contains the
division, so here it would happen twice.
"""

# caught by: step

import torch


def sparse_step(weight, idx, grad_output, lr):
    """Divide once more."""
    ids, rows = idx.reshape(-1), grad_output.reshape(-1, weight.shape[1])
    with torch.no_grad():
        weight.index_add_(0, ids, rows, alpha=-lr / max(len(ids), 1))
