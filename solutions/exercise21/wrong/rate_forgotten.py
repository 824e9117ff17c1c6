"""Your code moves the rows by the whole gradient, whatever the learning rate is.

The step is `lr` times the gradient. With lr = 0.0 nothing may move. Try lr = 1.0, where both agree,
and then lr = 0.1.
"""

# caught by: step

import torch


def sparse_step(weight, idx, grad_output, lr):
    """Ignore lr."""
    ids, rows = idx.reshape(-1), grad_output.reshape(-1, weight.shape[1])
    with torch.no_grad():
        weight.index_add_(0, ids, rows, alpha=-1)
