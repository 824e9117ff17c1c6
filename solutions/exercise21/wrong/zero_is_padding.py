"""Your code sets row 0 to zero in each step, as if it belonged to padding.

Nothing says that id 0 is special here. `padding_idx` is an option of a layer; without it, row 0 is
a row like any other, and it stays as it is if nobody looks it up.
"""

# caught by: step, other_rows

import torch


def sparse_step(weight, idx, grad_output, lr):
    """Clear row 0."""
    ids, rows = idx.reshape(-1), grad_output.reshape(-1, weight.shape[1])
    with torch.no_grad():
        weight.index_add_(0, ids, rows, alpha=-lr)
        weight[0] = 0
