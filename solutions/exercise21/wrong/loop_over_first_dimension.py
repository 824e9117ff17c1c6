"""Your code goes through `idx` with a loop, which works for a list of ids only.

Each item of a 2-D tensor is a row of ids, so a repeat within that row is lost again; a 0-d tensor
cannot be iterated. Bring ids of any shape into a list with `idx.reshape(-1)`, and the gradients
into as many rows.
"""

# caught by: any_shape

import torch


def sparse_step(weight, idx, grad_output, lr):
    """Loop."""
    with torch.no_grad():
        for number, row in zip(idx, grad_output, strict=True):
            weight[number] -= lr * row
