"""Your code leaves the caller's table as it is.

`weight = ...` only gives the name another tensor inside of the function. `weight[ids] = ...`,
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
