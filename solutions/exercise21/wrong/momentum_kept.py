"""Your first step is right, but later ones contain gradients of earlier calls.

A list or dictionary outside of the function, or an attribute of it, lives as long as the program.
Plain SGD has no memory: the same inputs give the same step each time.
"""

# caught by: step

import torch

MOMENTUM = {}


def sparse_step(weight, idx, grad_output, lr):
    """Keep momentum."""
    ids, rows = idx.reshape(-1), grad_output.reshape(-1, weight.shape[1])
    key = weight.shape
    old = MOMENTUM.get(key)
    MOMENTUM[key] = rows.clone()
    if old is not None and old.shape == rows.shape:
        rows = rows + 0.9 * old
    with torch.no_grad():
        weight.index_add_(0, ids, rows, alpha=-lr)
