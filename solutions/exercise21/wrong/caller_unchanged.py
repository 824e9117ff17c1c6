"""Your code leaves the caller's table as it is and gives the name `weight` to a new one.

An assignment to a name changes what the name means inside of the function. `weight[ids] = ...`,
`weight -= ...` and methods that end in `_` change the tensor itself. Print the table before and
after the call.
"""

# caught by: step

import torch


def sparse_step(weight, idx, grad_output, lr):
    """Change a copy."""
    ids, rows = idx.reshape(-1), grad_output.reshape(-1, weight.shape[1])
    with torch.no_grad():
        weight = weight.index_add(0, ids, rows, alpha=-lr)
